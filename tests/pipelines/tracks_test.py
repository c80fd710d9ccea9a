# SPDX-License-Identifier: LGPL-2.1-or-later
"""facetrack on real videos, with the detector and the embedder that ship."""
import collections
import sys
import unittest

import support

sys.path.insert(0, str(support.SOURCE / "examples"))
import demo_clip  # noqa: E402

TALKER = support.SHARED / "media/1zlab_face.mp4"
HEADS = support.SHARED / "media/intel_preview_head-pose-face-detection-female-and-male.gif"
CLASSROOM = support.SHARED / "media/intel_preview_classroom.gif"
# libav's demuxer of GIF gives no end of stream, so that the frames are counted.
HEADS_FRAMES, CLASSROOM_FRAMES = 56, 45
DETECT = "facedetect model=facerec-detect"


def face_of(face):
    box = face.box
    return {"track": face.track_id, "box": (box.x, box.y, box.width, box.height),
            "predicted": face.is_predicted()}


def tracked(file, options="", frames=None):
    return support.watch(file, f"{DETECT} {options} ! facetrack",
                         lambda buffer, faces: [face_of(face) for face in faces], frames)


def overlap(a, b):
    """Intersection over union of two boxes."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(0, width) * max(0, height)
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)


class Tracks(unittest.TestCase):
    def test_one_person_is_one_track_and_is_represented_seldom(self):
        def read(_, faces):
            self.assertTrue(all(face.get_embedding() is not None for face in faces))
            return [(face.track_id, face.get_embedding_age() == 0) for face in faces]

        frames = support.watch(
            TALKER, f"{DETECT} ! facetrack ! facealign ! faceembed model=facerec-embed", read)
        self.assertEqual(len(frames), 383)
        self.assertEqual({track for faces in frames for track, _ in faces}, {0})
        self.assertTrue(all(len(faces) == 1 for faces in frames))
        runs = sum(is_new for faces in frames for _, is_new in faces)
        print(f"the embedder ran {runs} times in {len(frames)} frames")
        self.assertLessEqual(runs, len(frames) / 10)

    def test_two_heads_that_turn_are_two_tracks(self):
        frames = tracked(HEADS, frames=HEADS_FRAMES)
        self.assertEqual({face["track"] for faces in frames for face in faces}, {0, 1})
        left = [face["track"] for faces in frames for face in faces if face["box"][0] < 200]
        self.assertEqual(len(set(left)), 1)

    def test_a_track_survives_a_second_in_which_its_face_is_not_found(self):
        lost = range(100, 125)
        count = iter(range(1000))

        def blind(detector):
            detector.set_property("min-size", 1000 if next(count) in lost else 0)

        frames = support.watch(TALKER, f"{DETECT} name=first ! facetrack",
                               lambda _, faces: [face.track_id for face in faces], before=blind)
        self.assertEqual([i for i, tracks in enumerate(frames) if not tracks], list(lost))
        self.assertEqual({track for tracks in frames for track in tracks}, {0})

    def test_two_men_who_cross_keep_their_tracks(self):
        bjorn, emile = demo_clip.CAST[:2]
        if not all(support.pathlib.Path(man.photo).exists() for man in (bjorn, emile)):
            self.skipTest("opencv-doc's photographs are not here")
        clip = support.scratch_folder(self) / "cross.mp4"
        walk = [demo_clip.Actor(man.name, man.photo, man.size, [(0, 4)], [
            (0, start, .5, .5, 0, 0), (1, start, .5, .5, 0, 0), (3, end, .5, .5, 0, 0), (4, end, .5, .5, 0, 0)])
            for man, start, end in ((bjorn, .2, .8), (emile, .8, .2))]
        demo_clip.make_clip(clip, walk, 4)
        for options in "", "inference-interval=3":
            with self.subTest(options):
                frames = tracked(clip, options)
                first, last = ([face["track"] for face in sorted(faces, key=lambda face: face["box"])]
                               for faces in (frames[3], frames[-1]))
                self.assertEqual(len(first), 2)
                self.assertEqual(first, last[::-1])

    def test_who_sits_in_a_classroom_changes_the_track_once_at_most(self):
        frames = tracked(CLASSROOM, frames=CLASSROOM_FRAMES)
        seats = [face["box"] for face in next(faces for faces in frames if len(faces) == 4)]
        tracks = collections.defaultdict(set)
        for faces in frames:
            for face in faces:
                seat = min(range(4), key=lambda i: abs(seats[i][0] - face["box"][0]) +
                           abs(seats[i][1] - face["box"][1]))
                tracks[seat].add(face["track"])
        print(f"tracks of the four: {dict(tracks)}")
        self.assertEqual(sum(map(len, tracks.values())), len(set.union(*tracks.values())),
                         "two people under one id")
        for seat in tracks.values():
            self.assertLessEqual(len(seat), 2)

    def test_predicted_boxes_lie_where_the_detector_sees_the_faces(self):
        for video in TALKER, support.CLIP:
            with self.subTest(video.name):
                every, fifth = tracked(video), tracked(video, "inference-interval=5")
                shared = []
                for i, (seen, predicted) in enumerate(zip(every, fifth)):
                    self.assertEqual({face["predicted"] for face in predicted} - {i % 5 != 0}, set())
                    if i % 5 == 0:
                        continue
                    best = [max((overlap(face["box"], other["box"]) for other in predicted), default=0)
                            for face in seen]
                    # Who comes in with a cut of the film nobody can predict.
                    shared += [value for value in best if value > 0.1]
                mean = sum(shared) / len(shared)
                print(f"{video.name}: predicted boxes overlap the found ones by {mean:.3f}")
                self.assertGreaterEqual(mean, 0.8)


if __name__ == "__main__":
    support.need(TALKER, HEADS, CLASSROOM, support.CLIP)
    support.main()
