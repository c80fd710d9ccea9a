// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/check/gstharness.h>
#include <gst/face/face.h>
#include <gst/video/video.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

struct Suite;  // of gst/check/gstcheck.h, which has to come last

namespace cv {
class Mat;
}

// What the tests of the elements share.

namespace test {

namespace fs = std::filesystem;

struct Unref {
  void operator()(GstBuffer* buffer) const { gst_buffer_unref(buffer); }
  void operator()(GstMessage* message) const { gst_message_unref(message); }
  void operator()(GstElement* element) const { gst_object_unref(element); }
};
using Buffer = std::unique_ptr<GstBuffer, Unref>;
using Message = std::unique_ptr<GstMessage, Unref>;
using Element = std::unique_ptr<GstElement, Unref>;

/// A folder that is gone with the object.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  fs::path operator/(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

/// Debian's photograph of one man (434x434 pixels, package opencv-doc), and where his face is.
fs::path portrait_file();
constexpr GstFaceBox kPortraitFace{114, 99, 180, 180};

/// The reference material; empty where it is absent.
fs::path shared_folder();

/// For a case, which returns then: says why, and that it counts as skipped.
void skip(const std::string& reason);

/// For cases: skips and returns true where a facetrack stands beside every element (see Bench).
bool skip_with_facetrack(const std::string& reason);

/// For main() and for cases: skips and returns 77 where a file is missing, 0 else.
int skip_without(const std::vector<fs::path>& files);

/// For main(): runs all cases. Returns 0 where none failed, 77 where moreover each was skipped.
int run_suite(Suite* suite);

/// Formats that cameras and decoders give, some of those that the elements advertise.
const std::vector<GstVideoFormat>& formats();

GstVideoInfo video_info(GstVideoFormat format, int width, int height);

/// A gray frame, with a time stamp.
Buffer blank_frame(const GstVideoInfo& info, GstClockTime pts = 0);

/// A photograph, scaled to the size and converted to the format.
Buffer photo_frame(const fs::path& file, const GstVideoInfo& info);

/// A BGR picture of the frame's size, converted to the format by GStreamer.
Buffer picture_frame(const cv::Mat& picture, const GstVideoInfo& info);

/// The same frame with rows and planes that lie further apart, described by a GstVideoMeta.
Buffer padded(GstBuffer* frame, const GstVideoInfo& info);

/// SHA-256 over the pixels, without padding.
std::string checksum(GstBuffer* frame, const GstVideoInfo& info);

std::vector<GstFaceMeta*> faces_of(GstBuffer* buffer);

/// An element in a harness that takes frames of one format, and its bus. With
/// FACEREC_TEST_FACETRACK in the environment a facetrack stands before it, behind a detector.
class Bench {
 public:
  Bench(const std::string& element, const GstVideoInfo& info);
  ~Bench();
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  void set_format(const GstVideoInfo& info);
  /// What comes out; fails the test where nothing does.
  Buffer pass(Buffer frame);
  GstFlowReturn push(Buffer frame);

  /// The messages of these types so far, oldest first.
  std::vector<Message> messages(GstMessageType types);

  GstHarness* harness() const { return harness_; }
  GstElement* element() const { return harness_->element; }

 private:
  enum class Tracked;
  static Tracked tracked(GstElement* element);
  void add_facetrack(Tracked place);

  GstBus* bus_;
  GstHarness* harness_;
  GstElement* facetrack_ = nullptr;
};

/// Runs the pipeline until the end, an error or `limit`. The message that ended it; null for none.
Message run(const std::string& pipeline, GstClockTime limit = 60 * GST_SECOND,
            const std::function<void(GstMessage*)>& on_element_message = nullptr);

void expect_equal(const std::string& actual, const std::string& expected);

/// Fails the test where the message is not an error or warning of that kind whose text holds all
/// words.
void expect_problem(GstMessage* message, GstMessageType type, GQuark domain, int code,
                    const std::vector<std::string>& words);

}  // namespace test
