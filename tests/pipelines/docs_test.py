# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every command line that the documentation prints runs, in a folder that holds its media.

Screens become fakesink, /dev/video0 a file and the camera's address that of a server here; all else
is run as printed.
"""
import contextlib
import os
import re
import shutil
import subprocess
import unittest

import support

TURNED = support.SHARED / "field/rot90.mp4"
IMAGES = {
    "ada.jpg": support.PHOTOS / "227943776_1.jpg",
    "bela.jpg": support.PHOTOS / "230501201_1.jpg",
    "postman.jpg": support.SHARED / "media/hamilton_ids/alex-lacamoire.png",
}


def readme_blocks(language):
    text = (support.SOURCE / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands_of_readme():
    lines = "".join(readme_blocks("sh")).replace("\\\n", " ").splitlines()
    return [line for line in lines if re.match(r"([A-Z_]+=\S+ )*(gst-launch-1\.0|gst-inspect-1\.0|facerec) ", line)]


def commands_of_elements():
    for source in sorted((support.SOURCE / "gst").rglob("*.c*")):
        for block in re.findall(r"\|\[(.*?)\]\|", source.read_text(encoding="utf-8"), re.DOTALL):
            text = " ".join(line.strip(" *\\") for line in block.splitlines())
            at = text.find("gst-launch-1.0")
            if at >= 0:
                yield text[at:].strip()


def tracer_hangs():
    """Debian 13's latency tracer stops every pipeline."""
    try:
        support.run("gst-launch-1.0", "videotestsrc", "num-buffers=1", "!", "fakesink", seconds=20,
                    env=dict(os.environ, GST_TRACERS="latency(flags=element)", GST_DEBUG="GST_TRACER:7"))
    except subprocess.TimeoutExpired:
        return True
    return False


class Documentation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = support.scratch_folder(cls)
        cls.clip = cls.folder / "video.mp4"
        support.run("gst-launch-1.0", "filesrc", f"location={support.CLIP}", "!", "qtdemux", "!",
                    "identity", "eos-after=100", "!", "h264parse", "!", "mp4mux", "!", "filesink", f"location={cls.clip}")
        for name, photo in IMAGES.items():
            shutil.copy(photo, cls.folder / name)
        support.enroll(cls.folder / "people.db", "Lin-Manuel Miranda", support.MIRANDA)
        cls.environment = dict(
            os.environ, PATH=f"{support.BUILD / 'src/cli'}:{os.environ['PATH']}",
            XDG_DATA_HOME=str(cls.folder / "data"))

    def try_out(self, command):
        line = re.sub(r"autovideosink|waylandsink|ximagesink", "fakesink", command)
        line = line.replace("v4l2src", "filesrc location=video.mp4 ! decodebin")
        with contextlib.ExitStack() as stack:
            if "rtsp://" in line:
                address = stack.enter_context(support.camera(self.clip))
                line = re.sub(r"rtsp://[^\s\"']+", address, line)
            # these say with 1 that nobody is the same
            status = None if re.match("facerec (check|verify|find|track)", line) else 0
            return support.run("bash", "-c", line, cwd=self.folder, env=self.environment, status=status,
                               seconds=120)

    def check(self, commands):
        self.assertTrue(commands)
        for command in commands:
            print(command)
            with self.subTest(command):
                self.try_out(command)

    def test_readme(self):
        self.check([command for command in commands_of_readme() if "GST_TRACERS" not in command])

    def test_the_tracer_sees_each_element(self):
        if tracer_hangs():
            self.skipTest("GStreamer's own tracer hangs here")
        line = next(line for line in commands_of_readme() if "GST_TRACERS" in line)
        for mode, video in ("live", "attach"), ("sync", "annotate"):
            with self.subTest(mode):
                output = self.try_out(line.replace("mode=live", f"mode={mode}"))
                seen = set(re.findall(r"element-latency.* element=\(string\)(\w+)", output))
                self.assertLessEqual({"detect", "track", "align", "embed", video}, seen)

    def test_a_turned_clip(self):
        """README's line for a file finds in a clip that lies on its side who is in the upright one."""
        line = next(line for line in commands_of_readme() if "facematch" in line)
        if not TURNED.exists():
            self.skipTest(f"{TURNED} is not here")
        line = line.replace("video.mp4", str(TURNED))
        line = line.replace("decodebin", "parsebin ! avdec_h264 direct-rendering=false")  # see support.copy_frames()
        output = support.run("bash", "-c", line, cwd=self.folder, env=self.environment)
        self.assertIn("Lin-Manuel Miranda", {match["person"] for match in support.matches(output)})
        self.assertNotIn("WARNING", output)

    def test_a_turned_clip_in_the_examples(self):
        if not TURNED.exists():
            self.skipTest(f"{TURNED} is not here")
        for command in (
                ["/usr/bin/python3", support.SOURCE / "examples/who_was_seen.py", "--gallery", "people.db", TURNED],
                [support.BUILD / "examples/print_faces", TURNED.as_uri(), "people.db"]):
            with self.subTest(command):
                self.assertRegex(support.run(*command, cwd=self.folder),
                                 r"Lin-Manuel Miranda(?! at distance [\d.]+, not)")

    def test_elements(self):
        self.check(list(commands_of_elements()))

    def test_readme_c(self):
        blocks = readme_blocks("c")
        self.assertTrue(blocks)
        flags = support.run("pkg-config", "--cflags", "gstreamer-video-1.0").split()
        for block in blocks:
            source = self.folder / "readme.c"
            source.write_text(block, encoding="utf-8")
            support.run("cc", "-Wall", "-Werror", "-fsyntax-only", "-I", support.SOURCE,
                        "-I", support.BUILD, *flags, source)

    def test_readme_python(self):
        blocks = readme_blocks("python")
        self.assertTrue(blocks)
        for block in blocks:
            output = support.run("/usr/bin/python3", "-c", block, cwd=self.folder)
            self.assertIn("Lin-Manuel Miranda", output)


if __name__ == "__main__":
    support.need(support.CLIP, support.MIRANDA, *(support.PHOTOS / name for name in IMAGES.values()))
    support.main()
