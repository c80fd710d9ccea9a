// SPDX-License-Identifier: LGPL-2.1-or-later

// Faces with any numbers on frames that are copied and scaled to any size, read as the plugin reads
// them.

#include <fuzzer/FuzzedDataProvider.h>
#include <gst/video/video.h>
#include <sanitizer/lsan_interface.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "../../gst/facerec/convert.h"

namespace {

void require(bool kept) {
  if (!kept) std::abort();
}

float number(FuzzedDataProvider& source) {
  if (source.ConsumeBool()) return source.ConsumeFloatingPointInRange<float>(-100, 1000);
  const auto bits = source.ConsumeIntegral<std::uint32_t>();
  float value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

std::vector<float> numbers(FuzzedDataProvider& source, std::size_t count) {
  std::vector<float> values(count);
  for (float& value : values) value = number(source);
  return values;
}

/// C strings of any bytes.
std::string text(FuzzedDataProvider& source) {
  const std::string bytes = source.ConsumeRandomLengthString(12);
  return bytes.c_str();
}

void describe(GstFaceMeta* face, FuzzedDataProvider& source) {
  switch (source.ConsumeIntegralInRange(0, 6)) {
    case 0: {
      const auto scheme = source.PickValueInArray(
          {GST_FACE_LANDMARK_SCHEME_NONE, GST_FACE_LANDMARK_SCHEME_EYES_2,
           GST_FACE_LANDMARK_SCHEME_FIVE, GST_FACE_LANDMARK_SCHEME_SIXTY_EIGHT});
      const guint count = gst_face_landmark_scheme_get_n_points(scheme);
      const auto coordinates = numbers(source, 2 * static_cast<std::size_t>(count));
      std::vector<GstFacePoint> points(count);
      for (guint i = 0; i < count; ++i)
        points[i] = {coordinates[2 * std::size_t{i}], coordinates[2 * std::size_t{i} + 1]};
      gst_face_meta_set_landmarks(face, scheme, points.data(), count);
      break;
    }
    case 1:
      gst_face_meta_set_alignment(face, numbers(source, 6).data(), text(source).c_str(),
                                  source.ConsumeIntegralInRange(1U, G_MAXUINT), 112);
      break;
    case 2:
      gst_face_meta_set_masked(face, source.ConsumeBool());
      break;
    case 3: {
      const auto values = numbers(source, source.ConsumeIntegralInRange<std::size_t>(1, 20));
      GstFaceEmbedding* embedding = gst_face_embedding_new(
          text(source).c_str(), text(source).c_str(), values.data(), values.size());
      gst_face_meta_set_embedding(face, embedding);
      if (embedding) gst_face_embedding_unref(embedding);
      break;
    }
    case 4: {
      GstFaceIdentityBuilder* builder = gst_face_identity_builder_new();
      gst_face_identity_builder_set_person(builder, text(source).c_str(),
                                           source.ConsumeIntegralInRange<gint64>(0, G_MAXINT64));
      gst_face_identity_builder_set_distance(
          builder,
          source.PickValueInArray(
              {GST_FACE_METRIC_COSINE, GST_FACE_METRIC_EUCLIDEAN, GST_FACE_METRIC_EUCLIDEAN_L2}),
          number(source));
      gst_face_identity_builder_set_decision(builder, number(source), source.ConsumeBool());
      gst_face_identity_builder_set_runner_up(builder, text(source).c_str(), number(source));
      gst_face_identity_builder_set_false_accept_rate(builder, number(source));
      GstFaceIdentity* identity = gst_face_identity_builder_end(builder);
      gst_face_meta_set_identity(face, identity);
      if (identity) gst_face_identity_unref(identity);
      break;
    }
    case 5:
      gst_face_meta_set_track_id(face, source.ConsumeIntegralInRange<gint64>(-1, G_MAXINT64));
      break;
    default: {
      GstFaceQuality quality;
      gst_face_quality_init(&quality);
      quality.size = number(source);
      quality.yaw = number(source);
      gst_face_meta_set_quality(face, &quality);
    }
  }
}

/// What every reader may rely on, after whatever happened to the frame.
void check(const GstFaceMeta* face) {
  const GstFaceBox& box = face->box;
  require(std::isfinite(box.x) && std::isfinite(box.y) && std::isfinite(box.width) &&
          std::isfinite(box.height) && box.width > 0 && box.height > 0);
  require(face->confidence >= 0 && face->confidence <= 1);
  guint count = 0;
  const GstFacePoint* points = gst_face_meta_get_landmarks(face, &count);
  for (guint i = 0; i < count; ++i)
    require(std::isfinite(points[i].x) && std::isfinite(points[i].y));
  if (const float* transform = gst_face_meta_get_transform(face)) {
    for (int i = 0; i < 6; ++i) require(std::isfinite(transform[i]));
  }
  if (const GstFaceEmbedding* embedding = gst_face_meta_get_embedding(face)) {
    gsize dimension = 0;
    const float* values = gst_face_embedding_get_values(embedding, &dimension);
    for (gsize i = 0; i < dimension; ++i) require(std::isfinite(values[i]));
  }
  if (const GstFaceIdentity* identity = gst_face_meta_get_identity(face)) {
    if (const gchar* name = gst_face_identity_get_name(identity))
      require(g_utf8_validate(name, -1, nullptr));
  }
  const facerec::Face core = facerec::face_of(face);
  require(core.landmarks.points.size() == count);
  facerec::alignment_of(face);
  facerec::embedding_of(face);
}

GstVideoInfo frame_info(FuzzedDataProvider& source) {
  GstVideoInfo info;
  const auto side = [&] {
    return source.ConsumeBool() ? source.ConsumeIntegralInRange(1U, 4000U)
                                : source.PickValueInArray({1U, 2U, 32767U, 2000000U});
  };
  const guint width = side();
  const guint height = side();
  if (!gst_video_info_set_format(&info, GST_VIDEO_FORMAT_GRAY8, width, height))
    gst_video_info_set_format(&info, GST_VIDEO_FORMAT_GRAY8, 1, height);
  return info;
}

GstBuffer* scaled(GstBuffer* buffer, FuzzedDataProvider& source) {
  GstVideoInfo in = frame_info(source);
  GstVideoInfo out = frame_info(source);
  // As scalers do that keep what is seen.
  if (source.ConsumeBool()) {
    out.par_n = static_cast<gint>(gint64{in.width} * out.height % 100000 + 1);
    out.par_d = static_cast<gint>(gint64{in.height} * out.width % 100000 + 1);
  }
  GstVideoMetaTransform transform = {&in, &out};
  GstBuffer* result = gst_buffer_new();
  gpointer state = nullptr;
  while (GstFaceMeta* face = gst_buffer_iterate_face_metas(buffer, &state)) {
    GST_FACE_META_INFO->transform_func(result, &face->meta, buffer,
                                       gst_video_meta_transform_scale_get_quark(), &transform);
  }
  gst_buffer_unref(buffer);
  return result;
}

}  // namespace

// GLib drops its first table of quarks once there are more, on purpose. It was made while the
// library was loaded, which only the slow way of unwinding tells.
extern "C" const char* __asan_default_options() {
  return "fast_unwind_on_malloc=0";
}
extern "C" const char* __lsan_default_suppressions() {
  return "leak:ld-linux";
}

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  __lsan_disable();  // GStreamer keeps what it makes at its start
  gst_init(argc, argv);
  __lsan_enable();
  // A critical is a broken promise of the caller, here of this file.
  g_log_set_always_fatal(static_cast<GLogLevelFlags>(G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL));
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider source(data, size);
  GstBuffer* buffer = gst_buffer_new();
  for (guint id = 0; source.remaining_bytes() > 0 && id < 20; ++id) {
    switch (source.ConsumeIntegralInRange(0, 5)) {
      case 0:
        buffer = scaled(buffer, source);
        break;
      case 1: {
        GstBuffer* copy = gst_buffer_copy(buffer);
        gst_buffer_unref(buffer);
        buffer = copy;
        break;
      }
      case 2:
        if (GstFaceMeta* face =
                gst_buffer_get_face_meta(buffer, source.ConsumeIntegralInRange(0U, id)))
          gst_buffer_remove_face_meta(buffer, face);
        break;
      default: {
        const auto edges = numbers(source, 4);
        const GstFaceBox box = {edges[0], edges[1], edges[2], edges[3]};
        GstFaceMeta* face = gst_buffer_add_face_meta(buffer, id, &box, number(source));
        for (int left = source.ConsumeIntegralInRange(0, 6); face && left > 0; --left)
          describe(face, source);
      }
    }
    gpointer state = nullptr;
    while (const GstFaceMeta* face = gst_buffer_iterate_face_metas(buffer, &state)) check(face);
  }
  gst_buffer_unref(buffer);
  return 0;
}
