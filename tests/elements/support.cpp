// SPDX-License-Identifier: LGPL-2.1-or-later

#include "support.h"

#include <stdlib.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <stdexcept>

// last: it defines the word fail
#include <gst/check/gstcheck.h>

namespace test {

Folder::Folder() {
  std::string name = fs::temp_directory_path() / "facerec-elements-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

fs::path portrait_file() {
  return "/usr/share/doc/opencv-doc/opencv4/html/227943776_1.jpg";
}

fs::path shared_folder() {
  const char* set = std::getenv("FACEREC_SHARED");
  fs::path folder = set != nullptr ? fs::path(set) : fs::path(SOURCE_ROOT) / "../shared";
  return fs::is_directory(folder) ? folder : fs::path();
}

namespace {

constexpr int kSkipped = 77;  ///< the exit status that Meson takes for a skipped test

/// How many cases were skipped. Each runs in a process of its own, so they share the memory.
std::atomic<int>& skipped_cases() {
  static auto* count = new (mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0)) std::atomic<int>(0);
  return *count;
}

}  // namespace

void skip(const std::string& reason) {
  ++skipped_cases();
  std::printf("skipped: %s\n", reason.c_str());
  std::fflush(stdout);
}

namespace {
bool with_facetrack() {
  return g_getenv("FACEREC_TEST_FACETRACK") != nullptr;
}
}  // namespace

bool skip_with_facetrack(const std::string& reason) {
  if (with_facetrack()) skip("with facetrack " + reason);
  return with_facetrack();
}

int skip_without(const std::vector<fs::path>& files) {
  for (const fs::path& file : files) {
    if (fs::exists(file)) continue;
    skip(file.string() + " is not here");
    return kSkipped;
  }
  return 0;
}

int run_suite(Suite* suite) {
  skipped_cases() = 0;  // made before the cases' processes
  SRunner* runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  const int failed = srunner_ntests_failed(runner);
  const bool none_ran = srunner_ntests_run(runner) == skipped_cases();
  srunner_free(runner);
  if (failed > 0) return EXIT_FAILURE;
  return none_ran ? kSkipped : EXIT_SUCCESS;
}

const std::vector<GstVideoFormat>& formats() {
  static const std::vector<GstVideoFormat> all{
      GST_VIDEO_FORMAT_BGR,       GST_VIDEO_FORMAT_I420,      GST_VIDEO_FORMAT_NV12,
      GST_VIDEO_FORMAT_YUY2,      GST_VIDEO_FORMAT_RGB,       GST_VIDEO_FORMAT_BGRx,
      GST_VIDEO_FORMAT_RGBx,      GST_VIDEO_FORMAT_BGRA,      GST_VIDEO_FORMAT_RGBA,
      GST_VIDEO_FORMAT_GRAY8,     GST_VIDEO_FORMAT_NV21,      GST_VIDEO_FORMAT_YV12,
      GST_VIDEO_FORMAT_UYVY,      GST_VIDEO_FORMAT_YVYU,      GST_VIDEO_FORMAT_VYUY,
      GST_VIDEO_FORMAT_xRGB,      GST_VIDEO_FORMAT_ARGB,      GST_VIDEO_FORMAT_xBGR,
      GST_VIDEO_FORMAT_ABGR,      GST_VIDEO_FORMAT_Y42B,      GST_VIDEO_FORMAT_Y444,
      GST_VIDEO_FORMAT_GBR,       GST_VIDEO_FORMAT_I420_10LE, GST_VIDEO_FORMAT_P010_10LE,
      GST_VIDEO_FORMAT_I422_10LE, GST_VIDEO_FORMAT_Y444_10LE, GST_VIDEO_FORMAT_GRAY16_LE,
      GST_VIDEO_FORMAT_GRAY16_BE};
  return all;
}

GstVideoInfo video_info(GstVideoFormat format, int width, int height) {
  GstVideoInfo info;
  gst_video_info_set_format(&info, format, width, height);
  info.fps_n = 30;
  info.fps_d = 1;
  return info;
}

Buffer blank_frame(const GstVideoInfo& info, GstClockTime pts) {
  Buffer buffer(gst_buffer_new_allocate(nullptr, GST_VIDEO_INFO_SIZE(&info), nullptr));
  gst_buffer_memset(buffer.get(), 0, 0x80, GST_VIDEO_INFO_SIZE(&info));
  GST_BUFFER_PTS(buffer.get()) = pts;
  GST_BUFFER_DURATION(buffer.get()) = GST_SECOND / 30;
  return buffer;
}

namespace {

struct Mapped {
  Mapped(GstBuffer* buffer, const GstVideoInfo& info, GstMapFlags flags) {
    fail_unless(gst_video_frame_map(&frame, &info, buffer, flags));
  }
  ~Mapped() { gst_video_frame_unmap(&frame); }
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
  GstVideoFrame frame{};
};

}  // namespace

Buffer photo_frame(const fs::path& file, const GstVideoInfo& info) {
  cv::Mat photo = cv::imread(file);
  fail_if(photo.empty());
  cv::resize(photo, photo, {info.width, info.height}, 0, 0, cv::INTER_AREA);
  return picture_frame(photo, info);
}

Buffer picture_frame(const cv::Mat& photo, const GstVideoInfo& info) {
  const GstVideoInfo bgr = video_info(GST_VIDEO_FORMAT_BGR, info.width, info.height);
  Buffer source = blank_frame(bgr);
  {
    const Mapped to(source.get(), bgr, GST_MAP_WRITE);
    photo.copyTo(cv::Mat(photo.size(), CV_8UC3, GST_VIDEO_FRAME_PLANE_DATA(&to.frame, 0),
                         GST_VIDEO_FRAME_PLANE_STRIDE(&to.frame, 0)));
  }
  Buffer result = blank_frame(info);
  const Mapped from(source.get(), bgr, GST_MAP_READ);
  const Mapped to(result.get(), info, GST_MAP_WRITE);
  GstVideoConverter* converter = gst_video_converter_new(&bgr, &info, nullptr);
  gst_video_converter_frame(converter, &from.frame, const_cast<GstVideoFrame*>(&to.frame));
  gst_video_converter_free(converter);
  return result;
}

Buffer padded(GstBuffer* frame, const GstVideoInfo& info) {
  GstVideoInfo wide = info;
  GstVideoAlignment alignment;
  gst_video_alignment_reset(&alignment);
  alignment.padding_left = 16;
  alignment.padding_right = 34;
  alignment.padding_top = 6;
  alignment.padding_bottom = 10;
  fail_unless(gst_video_info_align(&wide, &alignment));
  Buffer result = blank_frame(wide, GST_BUFFER_PTS(frame));
  gst_buffer_memset(result.get(), 0, 0xff, GST_VIDEO_INFO_SIZE(&wide));
  gst_buffer_add_video_meta_full(result.get(), GST_VIDEO_FRAME_FLAG_NONE,
                                 GST_VIDEO_INFO_FORMAT(&info), info.width, info.height,
                                 GST_VIDEO_INFO_N_PLANES(&wide), wide.offset, wide.stride);
  const Mapped from(frame, info, GST_MAP_READ);
  const Mapped to(result.get(), info, GST_MAP_WRITE);
  // gst_video_frame_copy() leaves the last chroma of a row of packed pixels of an odd number
  // behind.
  for (guint component = 0; component < GST_VIDEO_FRAME_N_COMPONENTS(&from.frame); ++component) {
    const int plane = GST_VIDEO_FRAME_COMP_PLANE(&from.frame, component);
    const int stride = GST_VIDEO_FRAME_PLANE_STRIDE(&from.frame, plane);
    const int rows = GST_VIDEO_FRAME_COMP_HEIGHT(&from.frame, component);
    const auto* source = static_cast<const guint8*>(GST_VIDEO_FRAME_PLANE_DATA(&from.frame, plane));
    auto* target = static_cast<guint8*>(GST_VIDEO_FRAME_PLANE_DATA(&to.frame, plane));
    for (int y = 0; y < rows; ++y) {
      std::copy_n(source + y * stride, stride,
                  target + y * GST_VIDEO_FRAME_PLANE_STRIDE(&to.frame, plane));
    }
  }
  return result;
}

std::string checksum(GstBuffer* frame, const GstVideoInfo& info) {
  const Mapped mapped(frame, info, GST_MAP_READ);
  GChecksum* sum = g_checksum_new(G_CHECKSUM_SHA256);
  for (guint component = 0; component < GST_VIDEO_FRAME_N_COMPONENTS(&mapped.frame); ++component) {
    const int height = GST_VIDEO_FRAME_COMP_HEIGHT(&mapped.frame, component);
    const int width = GST_VIDEO_FRAME_COMP_WIDTH(&mapped.frame, component) *
                      GST_VIDEO_FRAME_COMP_PSTRIDE(&mapped.frame, component);
    const auto* row = GST_VIDEO_FRAME_PLANE_DATA(
        &mapped.frame, GST_VIDEO_FRAME_COMP_PLANE(&mapped.frame, component));
    for (int y = 0; y < height; ++y) {
      g_checksum_update(sum, static_cast<const guchar*>(row), width);
      row = static_cast<const guchar*>(row) + GST_VIDEO_FRAME_COMP_STRIDE(&mapped.frame, component);
    }
  }
  std::string text = g_checksum_get_string(sum);
  g_checksum_free(sum);
  return text;
}

std::vector<GstFaceMeta*> faces_of(GstBuffer* buffer) {
  std::vector<GstFaceMeta*> faces;
  gpointer state = nullptr;
  while (GstFaceMeta* face = gst_buffer_iterate_face_metas(buffer, &state)) faces.push_back(face);
  return faces;
}

/// Where a facetrack stands in a run with FACEREC_TEST_FACETRACK.
enum class Bench::Tracked { No, Before, Behind };

Bench::Tracked Bench::tracked(GstElement* element) {
  if (!with_facetrack()) return Tracked::No;
  const std::string name = GST_OBJECT_NAME(gst_element_get_factory(element));
  if (name == "facerecdetect") return Tracked::Behind;
  return name == "facerec" || name == "facetrack" ? Tracked::No : Tracked::Before;
}

Bench::Bench(const std::string& element, const GstVideoInfo& info) : bus_(gst_bus_new()) {
  GError* error = nullptr;
  GstElement* made = gst_parse_launch(element.c_str(), &error);
  fail_if(error != nullptr, "%s", error != nullptr ? error->message : "");
  gst_object_ref_sink(made);
  gst_element_set_bus(made, bus_);
  const Tracked place = tracked(made);
  harness_ = gst_harness_new_with_element(made, place == Tracked::Before ? nullptr : "sink",
                                          place == Tracked::Behind ? nullptr : "src");
  if (place != Tracked::No) add_facetrack(place);
  gst_object_unref(made);
  set_format(info);
}

Bench::~Bench() {
  gst_element_set_bus(harness_->element, nullptr);
  gst_harness_teardown(harness_);
  if (facetrack_ != nullptr) {
    gst_element_set_bus(facetrack_, nullptr);
    gst_element_set_state(facetrack_, GST_STATE_NULL);
    gst_object_unref(facetrack_);
  }
  gst_object_unref(bus_);
}

void Bench::add_facetrack(Tracked place) {
  facetrack_ = gst_element_factory_make("facetrack", nullptr);
  gst_object_ref_sink(facetrack_);
  gst_element_set_bus(facetrack_, bus_);
  gst_element_set_state(facetrack_, GST_STATE_PLAYING);
  const bool before = place == Tracked::Before;
  const bool linked = before ? gst_element_link(facetrack_, harness_->element)
                             : gst_element_link(harness_->element, facetrack_);
  fail_unless(linked);
  GstPad* pad = gst_element_get_static_pad(facetrack_, before ? "sink" : "src");
  before ? gst_harness_add_element_sink_pad(harness_, pad)
         : gst_harness_add_element_src_pad(harness_, pad);
  gst_object_unref(pad);
}

void Bench::set_format(const GstVideoInfo& info) {
  GstVideoInfo copy = info;
  gst_harness_set_src_caps(harness_, gst_video_info_to_caps(&copy));
}

Buffer Bench::pass(Buffer frame) {
  Buffer out(gst_harness_push_and_pull(harness_, frame.release()));
  fail_if(out == nullptr, "no frame came out");
  return out;
}

GstFlowReturn Bench::push(Buffer frame) {
  return gst_harness_push(harness_, frame.release());
}

std::vector<Message> Bench::messages(GstMessageType types) {
  std::vector<Message> all;
  while (GstMessage* message = gst_bus_pop_filtered(bus_, types)) all.emplace_back(message);
  return all;
}

Message run(const std::string& pipeline, GstClockTime limit,
            const std::function<void(GstMessage*)>& on_element_message) {
  GError* error = nullptr;
  const Element made(gst_parse_launch(pipeline.c_str(), &error));
  fail_if(error != nullptr, "%s", error != nullptr ? error->message : "");
  GstBus* bus = gst_element_get_bus(made.get());
  gst_element_set_state(made.get(), GST_STATE_PLAYING);
  constexpr auto types =
      static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_ELEMENT);
  Message last;
  const gint64 end = g_get_monotonic_time() + static_cast<gint64>(GST_TIME_AS_USECONDS(limit));
  while (g_get_monotonic_time() < end) {
    last.reset(gst_bus_timed_pop_filtered(bus, GST_SECOND / 10, types));
    if (last && GST_MESSAGE_TYPE(last.get()) != GST_MESSAGE_ELEMENT) break;
    if (last && on_element_message) on_element_message(last.get());
    last.reset();
  }
  gst_element_set_state(made.get(), GST_STATE_NULL);
  gst_object_unref(bus);
  return last;
}

void expect_equal(const std::string& actual, const std::string& expected) {
  fail_unless(actual == expected, "'%s' is not '%s'", actual.c_str(), expected.c_str());
}

void expect_problem(GstMessage* message, GstMessageType type, GQuark domain, int code,
                    const std::vector<std::string>& words) {
  fail_if(message == nullptr, "no message");
  fail_unless_equals_string(GST_MESSAGE_TYPE_NAME(message), gst_message_type_get_name(type));
  GError* error = nullptr;
  gchar* debug = nullptr;
  if (type == GST_MESSAGE_ERROR) {
    gst_message_parse_error(message, &error, &debug);
  } else {
    gst_message_parse_warning(message, &error, &debug);
  }
  fail_unless(error->domain == domain && error->code == code, "%s %d: %s",
              g_quark_to_string(error->domain), error->code, error->message);
  fail_unless(g_utf8_validate(error->message, -1, nullptr) &&
              (debug == nullptr || g_utf8_validate(debug, -1, nullptr)));
  for (const std::string& word : words) {
    fail_if(std::string(error->message).find(word) == std::string::npos, "'%s' is not in: %s",
            word.c_str(), error->message);
  }
  g_error_free(error);
  g_free(debug);
}

}  // namespace test
