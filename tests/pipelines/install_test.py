# SPDX-License-Identifier: LGPL-2.1-or-later
"""Installed into a prefix of its own, the project needs nothing but the line that installing prints."""
import os
import pathlib
import re
import shutil
import tempfile
import unittest

import support

OWN_VARIABLES = re.compile(r"FACEREC_|GST_|GI_TYPELIB|LD_LIBRARY|PKG_CONFIG|XDG_|DESTDIR|MESON")


def meson(*arguments, **options):
    return support.run("meson", *arguments, seconds=1800, **options)


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # What was compiled for the tests serves: it lies as deep in the tree as there.
        scratch = tempfile.TemporaryDirectory(prefix="build-install-", dir=support.BUILD.parent)
        cls.addClassCleanup(scratch.cleanup)
        root = pathlib.Path(scratch.name)
        cls.prefix, cls.build = root / "prefix", support.BUILD.parent / f"{root.name}.build"
        cls.addClassCleanup(shutil.rmtree, cls.build)
        shutil.copytree(support.BUILD, cls.build, symlinks=True,
                        ignore=lambda folder, names: {"tests", "meson-logs"} & set(names))
        cls.environment = {name: value for name, value in os.environ.items()
                           if not OWN_VARIABLES.match(name)}
        cls.environment.update(HOME=str(root / "home"), XDG_CACHE_HOME=str(root / "home/cache"))
        meson("setup", "--reconfigure", cls.build, support.SOURCE, f"--prefix={cls.prefix}", "-Dtests=disabled",
              env=cls.environment)
        meson("compile", "-C", cls.build, env=cls.environment)
        cls.said = meson("install", "-C", cls.build, env=cls.environment)

    def shell(self, command, **options):
        """Runs a command where only the line was run that the installation printed."""
        lines = [line for line in self.said.splitlines() if line.startswith("export ")]
        self.assertEqual(len(lines), 1, self.said)
        return support.run("bash", "-c", f"{lines[0]}\n{command}", env=self.environment, **options)

    def file(self, pattern):
        found = [path for path in self.prefix.rglob(pattern) if not path.is_symlink()]
        self.assertEqual(len(found), 1, f"{pattern}: {found}")
        return found[0]

    def test_gstreamer_finds_the_elements(self):
        support.run("gst-inspect-1.0", "facerec", env=self.environment, status=None)
        self.assertIn(str(self.prefix), self.shell("gst-inspect-1.0 facerec"))
        self.assertIn(str(self.prefix), self.shell("gst-inspect-1.0 facedetect"))
        self.shell("gst-launch-1.0 videotestsrc num-buffers=2 ! facedetect ! facealign ! faceembed ! fakesink")

    def test_a_package_in_the_making_is_told_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            said = meson("install", "-C", self.build, "--no-rebuild", "--destdir", folder, env=self.environment)
        self.assertNotIn("export ", said)

    def test_the_program_and_its_fetch(self):
        self.assertIn("enroll", self.shell("facerec --help"))
        self.assertIn(str(self.prefix), self.shell("facerec models list"))
        with tempfile.TemporaryDirectory() as folder:
            other = pathlib.Path(folder) / "fetch"
            other.write_text("#!/bin/sh\necho taken\n")
            other.chmod(0o755)
            said = self.shell(f"FACEREC_MODEL_PATH={folder} facerec models fetch nosuch", status=1)
        self.assertIn("no profile is named 'nosuch'", said)

    def test_python_reads_the_metadata(self):
        self.shell("/usr/bin/python3 -c 'import gi; gi.require_version(\"GstFace\", \"1.0\");"
                   " from gi.repository import GstFace; print(GstFace.Meta)'")

    def test_an_application_builds_with_pkg_config_and_finds_faces(self):
        package = self.file("gstreamer-face-1.0.pc")
        environment = {**self.environment, "PKG_CONFIG_PATH": str(package.parent)}

        def ask(*what):
            return support.run("pkg-config", *what, "gstreamer-face-1.0", env=environment).split()

        for variable, file in (("girdir", "GstFace-1.0.gir"), ("typelibdir", "GstFace-1.0.typelib")):
            folder = pathlib.Path(ask(f"--variable={variable}")[0])
            self.assertEqual(folder, self.file(file).parent)
        program = self.prefix / "print_faces"
        support.run("cc", "-Wall", "-Wextra", "-Werror", support.SOURCE / "examples/print_faces.c",
                    *ask("--cflags", "--libs"), "-o", program)
        if support.CLIP.exists():
            self.assertGreater(self.shell(f"{program} {support.CLIP.as_uri()}").count(" face "), 200)

    def test_without_the_weights(self):
        self.assertTrue(self.file("facerec-embed.onnx"))
        meson("setup", "--reconfigure", self.build, support.SOURCE, "-Dweights=false", env=self.environment)
        with tempfile.TemporaryDirectory() as folder:
            meson("install", "-C", self.build, "--no-rebuild", "--destdir", folder, env=self.environment)
            names = {path.name for path in pathlib.Path(folder).rglob("*")}
        self.assertIn("facerec-embed.json", names)
        self.assertEqual([name for name in names if name.endswith(".onnx")], [])


if __name__ == "__main__":
    support.main()
