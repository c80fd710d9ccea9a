# SPDX-License-Identifier: LGPL-2.1-or-later
"""gst-inspect-1.0 shows every element of the plugin with text that says something."""
import unittest

import gi

import support

gi.require_version("Gst", "1.0")
from gi.repository import GObject, Gst  # noqa: E402

ELEMENTS = ["facedetect", "facerecdetect", "facetrack", "facealign", "faceembed", "facematch",
            "faceannotate", "faceattach", "facerec"]


class Inspect(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        Gst.init(None)

    def test_every_element_of_the_plugin_is_here(self):
        plugin = Gst.Registry.get().find_plugin("facerec")
        features = Gst.Registry.get().get_feature_list_by_plugin(plugin.get_name())
        self.assertEqual(sorted(feature.get_name() for feature in features), sorted(ELEMENTS))

    def test_gst_inspect_shows_each(self):
        for name in ELEMENTS:
            with self.subTest(name):
                text = support.run("gst-inspect-1.0", name)
                self.assertIn("facerec", text)
                for field in ("Long-name", "Klass", "Description", "Author"):
                    self.assertRegex(text, rf"{field} +\S+")

    def test_every_property_and_signal_is_explained(self):
        for name in ELEMENTS:
            element = Gst.ElementFactory.make(name)
            own = [pspec for pspec in element.list_properties()
                   if pspec.owner_type.name.startswith("GstFacerec")]
            for pspec in own:
                with self.subTest(f"{name} {pspec.name}"):
                    self.assertGreater(len(pspec.nick or ""), 2)
                    self.assertGreater(len(pspec.blurb or ""), 10)
            self.assertTrue(own or name == "facerec", name)


if __name__ == "__main__":
    support.main()
