# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a running chain takes of memory beside the same pipeline without it."""
import subprocess
import sys
import unittest

from support import CLIP, SHARED, need, resident

MODELS = [SHARED / "models/face_detection_yunet_2023mar.onnx",
          SHARED / "models/mobilefacenet_y1_128d.onnx"]
CHAIN = ("facerecdetect model=yunet {0} ! facetrack ! facealign {0} ! "
         "faceembed model=mobilefacenet {0} !")
MOST = {"opencv": 60, "auto": 64}  # MiB; ONNX Runtime's own pages come to 10


def play(elements):
    """Plays the clip through the elements; prints the memory at its end. Our plugin and the
    libraries that it needs are loaded in any case."""
    import gi
    gi.require_version("Gst", "1.0")
    from gi.repository import Gst
    Gst.init(None)
    Gst.Registry.get().find_plugin("facerec").load()
    pipeline = Gst.parse_launch(
        f"filesrc location={CLIP} ! decodebin ! videoconvert ! {elements} fakesink sync=false")
    pipeline.set_state(Gst.State.PLAYING)
    message = pipeline.get_bus().timed_pop_filtered(
        300 * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR)
    if message is None or message.type != Gst.MessageType.EOS:
        sys.exit(f"{elements} did not reach its end")
    print(resident())
    pipeline.set_state(Gst.State.NULL)


def memory_of(elements):
    return float(subprocess.run([sys.executable, __file__, elements], check=True, timeout=400,
                                stdout=subprocess.PIPE, text=True).stdout.split()[-1])


class Memory(unittest.TestCase):
    def test_a_chain_takes_no_more_than_it_may(self):
        empty = memory_of("")
        for engine, most in MOST.items():
            with self.subTest(engine):
                more = memory_of(CHAIN.format(f"engine={engine}")) - empty
                print(f"engine {engine}: {more:.1f} MiB more than the {empty:.1f} MiB without")
                self.assertLess(more, most)


if __name__ == "__main__":
    if len(sys.argv) == 2 and not sys.argv[1].startswith("-") and (
            sys.argv[1] == "" or "!" in sys.argv[1]):
        play(sys.argv[1])
    else:
        need(CLIP, *MODELS)
        unittest.main()
