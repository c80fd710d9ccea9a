# SPDX-License-Identifier: LGPL-2.1-or-later
"""Names of tracks on real videos: given soon, kept, and of one person each."""
import collections
import itertools
import math
import operator
import unittest

import support

TALKER = support.SHARED / "media/1zlab_face.mp4"
MODELS = ["facerec-embed", "mobilefacenet"]
RECOGNISE = "facedetect model=facerec-detect ! facetrack ! facealign ! faceembed model={} ! facematch gallery={}"


class Named:
    """A face as facematch leaves it."""

    def __init__(self, buffer, face):
        identity = face.get_identity()
        self.second, self.track, self.shots = buffer.pts / 1e9, face.track_id, identity.get_shots()
        self.label, self.name = identity.get_label(), identity.get_name() if identity.is_accepted() else None
        self.distance = identity.get_distance()


def watch(video, gallery, model, options=""):
    """The faces of each frame."""
    return support.watch(video, f"{RECOGNISE.format(model, gallery)} {options}",
                         lambda buffer, faces: [Named(buffer, face) for face in faces])


def mean(vectors):
    """The mean of vectors, of unit length."""
    total = [sum(values) for values in zip(*vectors)]
    length = math.hypot(*total)
    return [value / length for value in total]


def by_track(frames):
    tracks = collections.defaultdict(list)
    for faces in frames:
        for face in faces:
            tracks[face.track].append(face)
    return tracks


class Names(unittest.TestCase):
    def setUp(self):
        self.folder = support.scratch_folder(self)
        self.gallery = self.folder / "people.db"

    def each_model(self):
        for model in MODELS:
            with self.subTest(model):
                self.gallery.unlink(missing_ok=True)
                yield model

    def enroll_frame(self, second, model):
        """Enrols the talker as he looks then."""
        picture = self.folder / "frame.png"
        support.run("gst-launch-1.0", "filesrc", f"location={TALKER}", "!", "parsebin", "!",
                    "avdec_h264", "direct-rendering=false",  # see support.copy_frames()
                    "!", "videoconvert", "!", "videorate", "!", "video/x-raw,framerate=1/1", "!", "pngenc", "!", "multifilesink",
                    f"location={self.folder}/%d.png")
        (self.folder / f"{second}.png").rename(picture)
        support.enroll(self.gallery, "Talker", picture, "--model", model)

    def test_the_name_comes_at_once_and_stays_in_every_frame(self):
        for model in self.each_model():
            self.enroll_frame(9, model)
            frames = watch(TALKER, self.gallery, model)
            faces = [faces[0] for faces in frames]
            self.assertEqual(len(faces), 383)
            first = next(i for i, face in enumerate(faces) if face.name)
            delay = faces[first].second - faces[0].second
            print(f"{model}: named after {delay:.2f} s, {faces[first].shots} shots; {faces[-1].shots} shots in all")
            self.assertLessEqual(delay, 0.3)
            self.assertEqual({face.name for face in faces[first:]}, {"Talker"})

    def test_one_gets_his_name_in_his_scenes_and_others_are_told_apart(self):
        for model in self.each_model():
            support.enroll(self.gallery, "Lin-Manuel Miranda", support.MIRANDA, "--model", model)
            frames = watch(support.CLIP, self.gallery, model)
            print(model)
            for track, faces in sorted(by_track(frames).items()):
                print(f"  track {track}: {faces[0].second:.2f} to {faces[-1].second:.2f} s, {len(faces)} frames, "
                      f"{faces[-1].shots} shots, {faces[-1].label}, distance {faces[-1].distance:.3f}")
                names = [face.name for face in faces]
                first = next((i for i, name in enumerate(names) if name), len(names))
                self.assertEqual(set(names[first:]) - {"Lin-Manuel Miranda"}, set())
            for faces in frames:
                labels = [face.label for face in faces if face.label]
                self.assertEqual(len(labels), len(set(labels)), "two faces of one frame have one label")

    def test_no_track_of_a_film_with_cuts_holds_two_people(self):
        """A better network than the one that ships represents every face; four parts of each track show
        the same person."""
        tracks = collections.defaultdict(list)

        def read(_, faces):
            for face in faces:
                if face.get_embedding() is not None:
                    tracks[face.track_id].append(face.get_embedding().get_values())

        support.watch(support.CLIP, "facedetect model=facerec-detect ! facetrack ! facealign"
                      " ! faceembed model=mobilefacenet refresh-interval=0", read)
        long = [vectors for vectors in tracks.values() if len(vectors) >= 8]
        self.assertGreaterEqual(len(long), 8)
        least = []
        for vectors in long:
            size = len(vectors) // 4
            parts = [mean(vectors[i * size:(i + 1) * size]) for i in range(4)]
            least.append(min(sum(map(operator.mul, a, b)) for a, b in itertools.combinations(parts, 2)))
        print(f"{len(long)} tracks, their parts' similarities at least {min(least):.2f}")
        self.assertGreater(min(least), .3)


if __name__ == "__main__":
    support.need(TALKER, support.CLIP, support.MIRANDA)
    support.main()
