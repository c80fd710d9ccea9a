# SPDX-License-Identifier: LGPL-2.1-or-later
"""The demo, with the media of ../shared and with the photographs of opencv-doc."""
import collections
import os
import re
import sys
import unittest

import support

sys.path.insert(0, str(support.SOURCE / "examples"))
import demo_clip  # noqa: E402

PNG = b"\x89PNG\r\n\x1a\n"
NOWHERE = "/nonexistent"


def seconds(clock):
    minutes, rest = clock.split(":")
    return 60 * int(minutes) + float(rest)


def timeline(output):
    """The printed lines as tuples of from, to, frames, name."""
    return [(seconds(start), seconds(end), int(frames), name) for start, end, frames, name in
            re.findall(r"^ *(\d+:[\d.]+) +(\d+:[\d.]+) +(\d+)  (.*?)(?:  \(.*)?$", output, re.M)]


class Demo(unittest.TestCase):
    def demo(self, *arguments, status=0, **environment):
        folder = support.scratch_folder(self)
        output = support.run(
            support.SOURCE / "examples/demo.sh", "--output", folder, *arguments, status=status,
            env=dict(os.environ, FACEREC_BUILD=str(support.BUILD), **environment), seconds=600)
        print(output)
        self.assertEqual((folder / "best.png").read_bytes()[:8], PNG)
        self.assertGreater((folder / "annotated.mp4").stat().st_size, 100_000)
        return output, folder

    def check_nobody_is_there_twice(self, clip):
        crowded = [second for second, count in support.count_faces(clip, "facedetect model=facerec-detect")
                   if count > sum(a <= second < b + .1 for actor in demo_clip.CAST for a, b in actor.shown)]
        self.assertEqual(crowded, [])

    def check_tracks(self, folder):
        """Both men are one track a scene with one name in each frame once it is given, the stranger is
        unknown-1."""
        chain = (f"facedetect model=facerec-detect ! facetrack ! facealign ! faceembed gallery={folder}/people.db ! facematch "
                 f"gallery={folder}/people.db")
        faces = collections.defaultdict(list)
        for frame in support.watch(folder / "clip.mp4", chain, lambda buffer, faces: [
                (face.track_id, buffer.pts / 1e9, face.get_identity().get_label()) for face in faces]):
            for track, second, label in frame:
                faces[track].append((second, label))
        named = collections.Counter()
        for seen in faces.values():
            labels = [label for _, label in seen]
            first = next(i for i, label in enumerate(labels) if label)
            self.assertLess(seen[first][0] - seen[0][0], .3)
            self.assertEqual(len(set(labels[first:])), 1, labels)
            named[labels[-1]] += 1
        print(f"tracks: {dict(named)}")
        self.assertEqual(named, {"Björn": 2, "Émile": 2, "unknown-1": 2})

    def check_photographs(self, output):
        seen = timeline(output)
        for actor in demo_clip.CAST:
            lines = [line for line in seen if line[3] == (actor.name or "unknown-1")]
            for start, end, _, name in lines if actor.name else []:
                self.assertTrue(any(a - .1 <= start and end <= b + .1 for a, b in actor.shown),
                                f"{name} from {start} to {end}")
            frames = sum(line[2] for line in lines)
            shown = sum(b - a for a, b in actor.shown) * demo_clip.RATE
            print(f"{actor.name}: {frames} of {shown:.0f} frames")
            self.assertGreater(frames, .8 * shown)

    def test_photographs(self):
        photos = [actor.photo for actor in demo_clip.CAST]
        if not all(os.path.exists(photo) for photo in photos):
            self.skipTest("opencv-doc's photographs are not here")
        output, folder = self.demo(FACEREC_SHARED=NOWHERE, FACEREC_MODEL_PATH="")
        self.check_photographs(output)
        self.check_nobody_is_there_twice(folder / "clip.mp4")
        self.check_tracks(folder)

    def test_hamilton(self):
        if not support.MIRANDA.exists():
            self.skipTest(f"{support.MIRANDA} is not here")
        lines = [line for line in timeline(self.demo()[0]) if line[3] == "Lin-Manuel Miranda"]
        self.assertTrue(lines)
        for start, end, _, _ in lines:
            self.assertTrue(end < .7 or start > 2.7 and end < 7.1, (start, end))  # his two shots

    def test_a_file_and_people_of_ones_own(self):
        if not support.MIRANDA.exists():
            self.skipTest(f"{support.MIRANDA} is not here")
        output, _ = self.demo(support.CLIP, "--enroll", f"Ĺin={support.MIRANDA}")
        self.assertIn("Ĺin", {line[3] for line in timeline(output)})


if __name__ == "__main__":
    support.main()
