// Photos of Labeled Faces in the Wild through the elements, and through the core in the same run:
// the verdicts are to be the same but for what another JPEG decoder changes. The first fold, or as
// many as FACEREC_LFW_FOLDS says.

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "convert.h"
#include "lfw_photos.h"
#include "match/metric.h"

using namespace facerec;
namespace fs = std::filesystem;

namespace {

constexpr const char* chain =
    "appsrc name=in format=time caps=image/jpeg,framerate=1/1 ! jpegdec"
    " ! facerecdetect model=yunet ! facealign ! faceembed model=mobilefacenet"
    " ! appsink name=out sync=false";

GstBuffer* file_buffer(const fs::path& file, std::size_t number) {
  std::ifstream stream(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  GstBuffer* buffer = gst_buffer_new_memdup(bytes.data(), bytes.size());
  GST_BUFFER_PTS(buffer) = number * GST_SECOND;
  GST_BUFFER_DURATION(buffer) = GST_SECOND;
  return buffer;
}

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

cli::Embeddings through_elements(const std::vector<fs::path>& photos) {
  GstElement* pipeline = gst_parse_launch(chain, nullptr);
  GstElement* in = gst_bin_get_by_name(GST_BIN(pipeline), "in");
  GstElement* out = gst_bin_get_by_name(GST_BIN(pipeline), "out");
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  for (std::size_t i = 0; i < photos.size(); ++i) {
    gst_app_src_push_buffer(GST_APP_SRC(in), file_buffer(photos[i], i));
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

TEST(LfwElements, DecideAsTheCoreDoes) {
  const std::vector<LabelledPair> pairs = lfw_pairs(folds_of_a_part());
  if (pairs.empty()) GTEST_SKIP() << "no reference material: FACEREC_SHARED is not set";
  gst_init(nullptr, nullptr);
  std::set<fs::path> photos;
  for (const LabelledPair& pair : pairs) photos.insert({pair.a, pair.b});
  const RecognizerOptions options = combination("yunet", "mobilefacenet");
  const double threshold =
      default_threshold(find_model(options.model, Role::Embedder).profile, Metric::Cosine);

  const cli::Embeddings of_elements = through_elements({photos.begin(), photos.end()});
  ASSERT_EQ(of_elements.size(), photos.size());
  const auto elements = cli::compare(pairs, of_elements, Metric::Cosine);
  const auto core = cli::compare(pairs, represent_photos(options, pairs), Metric::Cosine);
  // A tenth of a point, and of one fold the least difference that there can be.
  const double tolerance = std::max(0.001, 1.0 / static_cast<double>(pairs.size()) + 1e-9);
  EXPECT_NEAR(report_accuracy("by the elements", elements, threshold),
              report_accuracy("by the core", core, threshold), tolerance);
}

}  // namespace
