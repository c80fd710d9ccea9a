// SPDX-License-Identifier: LGPL-2.1-or-later

// Photos of Labeled Faces in the Wild through the elements, and through the core in the same run:
// the same pixels are to give the same embeddings, the same files the same verdicts but for what
// another JPEG decoder changes. The first fold, or as many as FACEREC_LFW_FOLDS says.

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <opencv2/imgproc.hpp>
#include <set>

#include "cli/image.h"
#include "convert.h"
#include "lfw_photos.h"
#include "match/metric.h"

using namespace facerec;
namespace fs = std::filesystem;

namespace {

/// How photos get into a pipeline.
struct Source {
  const char* elements;
  GstBuffer* (*read)(const fs::path& file);
};

GstBuffer* read_file(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  return gst_buffer_new_memdup(bytes.data(), bytes.size());
}

GstBuffer* read_pixels(const fs::path& file) {
  cv::Mat pixels;
  cv::cvtColor(cli::read_image(file), pixels, cv::COLOR_BGR2BGRA);
  return gst_buffer_new_memdup(pixels.data, pixels.total() * pixels.elemSize());
}

constexpr Source decoded_by_gstreamer{"caps=image/jpeg,framerate=1/1 ! jpegdec", read_file};
constexpr Source decoded_by_core{"caps=video/x-raw,format=BGRx,width=250,height=250,framerate=1/1",
                                 read_pixels};

/// The embedding of the main face of a frame, as Recognizer chooses it.
std::optional<Embedding> main_embedding(GstSample* sample) {
  gint width = 0, height = 0;
  const GstStructure* caps = gst_caps_get_structure(gst_sample_get_caps(sample), 0);
  gst_structure_get(caps, "width", G_TYPE_INT, &width, "height", G_TYPE_INT, &height, nullptr);
  const GstFaceMeta* main = nullptr;
  double most = 0;
  gpointer state = nullptr;
  while (const GstFaceMeta* face =
             gst_buffer_iterate_face_metas(gst_sample_get_buffer(sample), &state)) {
    const double here = prominence(face_of(face).box, {width, height});
    if (here > most) main = face;
    most = std::max(most, here);
  }
  return main ? embedding_of(main) : std::nullopt;
}

cli::Embeddings through_elements(const Source& source, const std::vector<fs::path>& photos) {
  const std::string chain = "appsrc name=in format=time " + std::string(source.elements) +
                            " ! facerecdetect model=yunet ! facealign"
                            " ! faceembed model=mobilefacenet ! appsink name=out sync=false";
  GstElement* pipeline = gst_parse_launch(chain.c_str(), nullptr);
  GstElement* in = gst_bin_get_by_name(GST_BIN(pipeline), "in");
  GstElement* out = gst_bin_get_by_name(GST_BIN(pipeline), "out");
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  for (std::size_t i = 0; i < photos.size(); ++i) {
    GstBuffer* buffer = source.read(photos[i]);
    GST_BUFFER_PTS(buffer) = i * GST_SECOND;
    GST_BUFFER_DURATION(buffer) = GST_SECOND;
    gst_app_src_push_buffer(GST_APP_SRC(in), buffer);
  }
  gst_app_src_end_of_stream(GST_APP_SRC(in));

  cli::Embeddings embeddings;
  while (GstSample* sample = gst_app_sink_pull_sample(GST_APP_SINK(out))) {
    const std::size_t number = GST_BUFFER_PTS(gst_sample_get_buffer(sample)) / GST_SECOND;
    embeddings[photos.at(number)] = main_embedding(sample);
    gst_sample_unref(sample);
  }
  GstBus* bus = gst_element_get_bus(pipeline);
  if (GstMessage* message = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR)) {
    GError* error = nullptr;
    gst_message_parse_error(message, &error, nullptr);
    ADD_FAILURE() << error->message;
    g_error_free(error);
    gst_message_unref(message);
  }
  gst_object_unref(bus);
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(in);
  gst_object_unref(out);
  gst_object_unref(pipeline);
  return embeddings;
}

class LfwElements : public testing::Test {
 protected:
  void SetUp() override {
    if (pairs_.empty()) GTEST_SKIP() << "no reference material: FACEREC_SHARED is not set";
    gst_init(nullptr, nullptr);
    std::set<fs::path> names;
    for (const LabelledPair& pair : pairs_) names.insert({pair.a, pair.b});
    photos_.assign(names.begin(), names.end());
  }

  static const cli::Embeddings& of_core() {
    static const cli::Embeddings embeddings =
        represent_photos(combination("yunet", "mobilefacenet"), lfw_pairs(folds_of_a_part()));
    return embeddings;
  }

  const std::vector<LabelledPair> pairs_ = lfw_pairs(folds_of_a_part());
  std::vector<fs::path> photos_;
};

TEST_F(LfwElements, TheSamePixelsHaveTheSameEmbeddings) {
  const cli::Embeddings of_elements = through_elements(decoded_by_core, photos_);
  for (const fs::path& photo : photos_) {
    const auto& expected = of_core().at(photo);
    const auto& found = of_elements.at(photo);
    ASSERT_EQ(found.has_value(), expected.has_value()) << photo;
    if (found) {
      EXPECT_LT(distance(found->values, expected->values, Metric::Cosine), 1e-6) << photo;
    }
  }
}

TEST_F(LfwElements, TheSameFilesHaveTheSameVerdicts) {
  const cli::Embeddings of_elements = through_elements(decoded_by_gstreamer, photos_);
  ASSERT_EQ(of_elements.size(), photos_.size());
  const double threshold =
      default_threshold(find_model("mobilefacenet", Role::Embedder).profile, Metric::Cosine);
  const auto accuracy = [&](const char* what, const cli::Embeddings& embeddings) {
    return report_accuracy(what, cli::compare(pairs_, embeddings, Metric::Cosine), threshold);
  };
  // A tenth of a point, and of one fold the least difference that there can be.
  const double tolerance = std::max(0.001, 1.0 / static_cast<double>(pairs_.size()) + 1e-9);
  EXPECT_NEAR(accuracy("by the elements", of_elements), accuracy("by the core", of_core()),
              tolerance);
}

}  // namespace
