#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads every field of a face from Python, in a pad probe behind a scaler."""

import math
import os
import sys
import unittest

SKIP = 77

try:
    import gi

    gi.require_version("Gst", "1.0")
    gi.require_version("GstVideo", "1.0")
    gi.require_version("GstFace", "1.0")
    from gi.repository import Gst, GstFace, GstVideo
except (ImportError, ValueError) as error:
    # Where the build made the typelib, not to find it is a failure.
    if os.environ.get("GST_FACE_TYPELIB") and "GstFace" in str(error):
        raise
    print(f"skipped: {error}")
    sys.exit(SKIP)

Gst.init(None)

WIDTH, HEIGHT = 64, 48
POINTS = [(10.5, 12), (20, 12.5), (15, 18), (11, 24), (19, 24.25)]
TRANSFORM = [2, 0, -5, 0, 4, 1]


def box(x, y, width, height):
    result = GstFace.Box()
    result.x, result.y, result.width, result.height = x, y, width, height
    return result


def point(x, y):
    result = GstFace.Point()
    result.x, result.y = x, y
    return result


def identity():
    builder = GstFace.IdentityBuilder.new()
    builder.set_person("Ada", 7)
    builder.set_distance(GstFace.Metric.EUCLIDEAN, 0.25)
    builder.set_decision(0.5, True)
    builder.set_runner_up("Grace", 0.75)
    builder.set_false_accept_rate(1e-4)
    builder.set_false_name_rate(1e-3)
    return builder.end()


def frame():
    buffer = Gst.Buffer.new_wrapped(bytes(WIDTH * HEIGHT))
    face = GstFace.buffer_add_face_meta(buffer, 3, box(8, 10, 16, 20), 0.5)
    face.set_track_id(1 << 40)
    quality = GstFace.Quality.init()
    quality.size, quality.yaw = 9.5, -15
    face.set_quality(quality)
    face.set_landmarks(GstFace.LandmarkScheme.FIVE, [point(*p) for p in POINTS])
    face.set_alignment(TRANSFORM, "arcface-112", 112, 96)
    face.set_embedding(GstFace.Embedding.new("mobilefacenet", "a1b2", [0.6, 0, -0.8]))
    face.set_identity(identity())
    GstFace.buffer_add_face_meta(buffer, 4, box(1, 2, 3, 4), 1)
    return buffer


def read_identity(who):
    return {
        "name": who.get_name(),
        "person_id": who.get_person_id(),
        "metric": who.get_metric(),
        "distance": who.get_distance(),
        "threshold": who.get_threshold(),
        "accepted": who.is_accepted(),
        "runner_up": (who.get_runner_up_name(), who.get_runner_up_distance()),
        "false_accept_rate": who.get_false_accept_rate(),
        "false_name_rate": who.get_false_name_rate(),
    }


def read_face(face):
    who, embedding = face.get_identity(), face.get_embedding()
    found, right, left = face.get_eyes()
    size = face.get_aligned_size()
    return {
        "id": face.id,
        "track_id": face.track_id,
        "box": (face.box.x, face.box.y, face.box.width, face.box.height),
        "confidence": face.confidence,
        "quality": (face.quality.size, face.quality.yaw),
        "unknown": [face.quality.sharpness, face.quality.roll, face.quality.pitch],
        "scheme": face.get_landmark_scheme(),
        "points": [(p.x, p.y) for p in face.get_landmarks()],
        "eyes": found and [(right.x, right.y), (left.x, left.y)],
        "transform": face.get_transform(),
        "masked": face.is_masked(),
        "template": (face.get_template_name(), size.width, size.height),
        "embedding": embedding
        and {
            "model": embedding.get_model(),
            "fingerprint": embedding.get_fingerprint(),
            "values": embedding.get_values(),
            "dimension": embedding.get_dimension(),
            "unit_length": embedding.is_unit_length(),
        },
        "identity": who and read_identity(who),
    }


def read_faces_in_probe():
    """Sends one frame through a pipeline that doubles its width, and returns what a probe reads."""
    caps = f"video/x-raw,format=GRAY8,width={WIDTH},height={HEIGHT},framerate=10/1"
    pipeline = Gst.parse_launch(
        f"appsrc name=src format=time caps={caps},pixel-aspect-ratio=1/1 ! queue ! videoscale ! "
        f"video/x-raw,width={2 * WIDTH},height={HEIGHT} ! fakesink name=sink sync=false"
    )
    seen = []

    def probe(_pad, info):
        buffer = info.get_buffer()
        roi = GstVideo.buffer_get_video_region_of_interest_meta_id(buffer, 3)
        seen.append(
            {
                "n": GstFace.buffer_get_n_face_metas(buffer),
                "faces": [read_face(f) for f in GstFace.buffer_get_face_metas(buffer)],
                "by_id": GstFace.buffer_get_face_meta(buffer, 4).id,
                "absent": GstFace.buffer_get_face_meta(buffer, 5),
                "roi": (roi.x, roi.y, roi.w, roi.h),
            }
        )
        return Gst.PadProbeReturn.OK

    pipeline.get_by_name("sink").get_static_pad("sink").add_probe(
        Gst.PadProbeType.BUFFER, probe
    )
    pipeline.set_state(Gst.State.PLAYING)
    src = pipeline.get_by_name("src")
    src.emit("push-buffer", frame())
    src.emit("end-of-stream")
    message = pipeline.get_bus().timed_pop_filtered(
        20 * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR
    )
    pipeline.set_state(Gst.State.NULL)
    assert message is not None and message.type == Gst.MessageType.EOS, message
    return seen


class FaceMeta(unittest.TestCase):
    def assert_close(self, values, expected):
        self.assertEqual(len(values), len(expected))
        for value, wanted in zip(values, expected):
            self.assertAlmostEqual(value, wanted, places=4)

    def test_probe_reads_every_field(self):
        (seen,) = read_faces_in_probe()
        self.assertEqual(seen["n"], 2)
        self.assertEqual(seen["by_id"], 4)
        self.assertIsNone(seen["absent"])
        self.assertEqual(seen["roi"], (16, 10, 32, 20))
        full, bare = seen["faces"]

        self.assertEqual((full["id"], full["track_id"]), (3, 1 << 40))
        self.assertEqual(full["box"], (16, 10, 32, 20))
        self.assertEqual(full["confidence"], 0.5)
        eyes = [(21, 12), (40, 12.5)]
        self.assert_close(
            full["quality"], (9.5 * math.dist(*eyes) / math.dist(*POINTS[:2]), -15)
        )
        self.assertTrue(all(math.isnan(value) for value in full["unknown"]))
        self.assertEqual(full["scheme"], GstFace.LandmarkScheme.FIVE)
        self.assertEqual(full["points"], [(2 * x, y) for x, y in POINTS])
        self.assertEqual(full["eyes"], eyes)
        self.assertEqual(full["transform"], [1, 0, -5, 0, 4, 1])
        self.assertEqual(full["template"], ("arcface-112", 112, 96))
        self.assertFalse(full["masked"])
        embedding = full["embedding"]
        self.assert_close(embedding.pop("values"), [0.6, 0, -0.8])
        self.assertEqual(
            embedding,
            {
                "model": "mobilefacenet",
                "fingerprint": "a1b2",
                "dimension": 3,
                "unit_length": True,
            },
        )
        self.assertEqual(
            full["identity"],
            {
                "name": "Ada",
                "person_id": 7,
                "metric": GstFace.Metric.EUCLIDEAN,
                "distance": 0.25,
                "threshold": 0.5,
                "accepted": True,
                "runner_up": ("Grace", 0.75),
                "false_accept_rate": 1e-4,
                "false_name_rate": 1e-3,
            },
        )

        self.assertEqual((bare["id"], bare["track_id"]), (4, GstFace.TRACK_NONE))
        self.assertEqual(bare["scheme"], GstFace.LandmarkScheme.NONE)
        self.assertEqual((bare["points"], bare["transform"]), ([], []))
        self.assertFalse(bare["eyes"])
        self.assertEqual(bare["template"], (None, 0, 0))
        self.assertIsNone(bare["embedding"])
        self.assertIsNone(bare["identity"])

    def test_embedding_outlives_its_buffer(self):
        buffer = frame()
        embedding = GstFace.buffer_get_face_meta(buffer, 3).get_embedding()
        del buffer
        self.assert_close(embedding.get_values(), [0.6, 0, -0.8])

    def test_remove(self):
        buffer = frame()
        face = GstFace.buffer_get_face_meta(buffer, 3)
        self.assertTrue(GstFace.buffer_remove_face_meta(buffer, face))
        self.assertEqual([f.id for f in GstFace.buffer_get_face_metas(buffer)], [4])
        self.assertIsNone(
            GstVideo.buffer_get_video_region_of_interest_meta_id(buffer, 3)
        )

    def test_masked(self):
        buffer = frame()
        face = GstFace.buffer_get_face_meta(buffer, 3)
        self.assertFalse(face.set_masked(True))
        face.set_landmarks(GstFace.LandmarkScheme.SIXTY_EIGHT, [point(i, 1) for i in range(68)])
        self.assertTrue(face.set_masked(True))
        self.assertTrue(face.is_masked())

    def test_points_of_a_scheme(self):
        counts = [GstFace.LandmarkScheme.get_n_points(s) for s in range(4)]
        self.assertEqual(counts, [0, 2, 5, 68])


if __name__ == "__main__":
    unittest.main()
