# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is installed is complete: an application builds against it and runs with it alone."""
import os
import pathlib
import re
import tempfile
import unittest

import support


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.root = pathlib.Path(cls.scratch.name)
        support.run("meson", "install", "-C", support.BUILD, "--no-rebuild", "--destdir", cls.root)

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def only(self, pattern):
        found = [path for path in self.root.rglob(pattern) if not path.is_symlink()]
        self.assertEqual(len(found), 1, f"{pattern}: {found}")
        return found[0]

    def test_an_application_builds_with_pkg_config_and_finds_faces(self):
        package = self.only("gstreamer-face-1.0.pc")
        text = re.sub(r"^prefix=", f"prefix={self.root}", package.read_text(), flags=re.MULTILINE)
        package.write_text(text)
        flags = support.run(
            "pkg-config", "--cflags", "--libs", "gstreamer-face-1.0",
            env=dict(os.environ, PKG_CONFIG_PATH=str(package.parent))).split()
        program = self.root / "print_faces"
        support.run("cc", "-Wall", "-Wextra", "-Werror", support.SOURCE / "examples/print_faces.c",
                    *flags, "-o", program)

        models = self.only("yunet.json").parent
        environment = dict(
            os.environ, LD_LIBRARY_PATH=str(self.only("libgstface-1.0.so.*").parent),
            GST_PLUGIN_PATH=str(self.only("libgstfacerec.so").parent),
            GST_REGISTRY=str(self.root / "registry.bin"),
            FACEREC_MODEL_PATH=f"{models}:{support.SHARED / 'models'}")
        output = support.run(program, support.CLIP.as_uri(), env=environment)
        self.assertGreater(output.count(" face "), 275)

    def test_the_program_is_there(self):
        program = self.only("facerec")
        self.assertIn("enroll", support.run(program, "--help"))


if __name__ == "__main__":
    support.need(support.CLIP)
    support.main()
