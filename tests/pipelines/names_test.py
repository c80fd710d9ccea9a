"""gstreamer1.0-opencv has a facedetect too: which one a pipeline gets, and how to get this one."""
import os
import pathlib
import tempfile
import unittest

import support

OURS = str(support.BUILD / "gst/facerec")


def system_plugins():
    return support.run("pkg-config", "--variable=pluginsdir", "gstreamer-1.0").strip()


class Names(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.registry = scratch.name + "/registry.bin"

    def environment(self, *path, **more):
        return dict(os.environ, GST_PLUGIN_PATH=":".join(path), GST_REGISTRY=self.registry, **more)

    def plugin_of(self, element, *path):
        text = support.run("gst-inspect-1.0", element, env=self.environment(*path))
        return text.split("Plugin Details:")[1].split("Name")[1].split()[0]

    def test_with_the_system_folder_first_facedetect_is_ours(self):
        for attempt in ("fresh", "cached"):
            with self.subTest(attempt):
                self.assertEqual(self.plugin_of("facedetect", system_plugins(), OURS), "facerec")

    def test_with_our_folder_alone_facedetect_is_theirs_and_facerecdetect_ours(self):
        self.assertEqual(self.plugin_of("facedetect", OURS), "opencv")
        self.assertEqual(self.plugin_of("facerecdetect", OURS), "facerec")

    def test_the_bin_takes_its_own_and_the_log_says_so(self):
        output = support.run(
            "gst-launch-1.0", "videotestsrc", "num-buffers=2", "!", "facerecdetect", "model=haar",
            "!", "fakesink", env=self.environment(OURS, GST_DEBUG="facerec*:3"))
        self.assertEqual(output.count("write facerecdetect"), 1, output)
        support.run(
            "gst-launch-1.0", "-v", "videotestsrc", "num-buffers=2", "!", "facerec",
            "detector=haar", "!", "fakesink", env=self.environment(OURS))


if __name__ == "__main__":
    support.need(pathlib.Path(system_plugins()) / "libgstopencv.so")
    support.main()
