// SPDX-License-Identifier: LGPL-2.1-or-later

// What every embedder's profile promises, a row each, held by a network of random weights of its
// input and output: where the network itself is absent as where it is present.

#include "../../src/embed/embedder.h"

#include <set>

#include "random_network.h"
#include "refusals.h"

using facerec::Alignment;
using facerec::Embedder;
using facerec::Model;

namespace {

/// What the network's authors say of it, written down again and not read from the profile.
struct Row {
  const char* name;
  cv::Size input;
  bool rgb;
  double mean[3];  ///< in the order of the input's channels
  double scale;
  bool standardised;
  int dimension;
  bool unit_length;
  const char* face_template;
};

const Row rows[] = {
    {"arcface", {112, 112}, true, {0, 0, 0}, 1, false, 512, true, "arcface"},
    {"arcface-r50",
     {112, 112},
     true,
     {127.5, 127.5, 127.5},
     1 / 127.5,
     false,
     512,
     true,
     "arcface"},
    {"deepface", {152, 152}, true, {0, 0, 0}, 1 / 255., false, 4096, false, "none"},
    {"deepid", {47, 55}, false, {0, 0, 0}, 1 / 255., false, 160, false, "none"},
    {"dlib-resnet",
     {150, 150},
     true,
     {122.782, 117.001, 104.298},
     1 / 256.,
     false,
     128,
     false,
     "dlib"},
    {"facenet-128", {160, 160}, true, {0, 0, 0}, 1, true, 128, true, "none"},
    {"facenet-512", {160, 160}, true, {127.5, 127.5, 127.5}, 1 / 128., false, 512, true, "none"},
    {"mobilefacenet", {112, 112}, true, {0, 0, 0}, 1, false, 128, true, "arcface"},
    {"facerec-embed", {64, 64}, true, {127.5, 127.5, 127.5}, 1 / 128., false, 128, true, "arcface"},
    {"mobilefacenet-caffe",
     {112, 112},
     true,
     {127.5, 127.5, 127.5},
     1 / 128.,
     false,
     128,
     true,
     "arcface"},
    {"openface", {96, 96}, true, {0, 0, 0}, 1 / 255., false, 128, true, "openface"},
    {"sface", {112, 112}, true, {0, 0, 0}, 1, false, 128, false, "arcface"},
    {"vgg-face", {224, 224}, false, {93.594, 104.7624, 129.1863}, 1, false, 4096, true, "none"},
};

constexpr int most_faces = 5;

std::filesystem::path profile_folder() {
  return std::filesystem::path(std::getenv("FACEREC_SOURCE_ROOT")) / "models";
}

/// The picture as the row says that the network sees it.
std::vector<float> prepare(const Row& row, const cv::Mat& picture) {
  double sum = 0;
  double squares = 0;
  for (auto pixel = picture.begin<cv::Vec3b>(); pixel != picture.end<cv::Vec3b>(); ++pixel) {
    for (int i = 0; i < 3; ++i) {
      sum += (*pixel)[i];
      squares += (*pixel)[i] * (*pixel)[i];
    }
  }
  const double count = 3. * picture.total();
  const double mean = sum / count;
  const double deviation = std::sqrt(squares / count - mean * mean);

  std::vector<float> blob;
  for (int channel = 0; channel < 3; ++channel) {
    for (auto pixel = picture.begin<cv::Vec3b>(); pixel != picture.end<cv::Vec3b>(); ++pixel) {
      const double value = (*pixel)[row.rgb ? 2 - channel : channel];
      blob.push_back(static_cast<float>(
          row.standardised ? (value - mean) / deviation : (value - row.mean[channel]) * row.scale));
    }
  }
  return blob;
}

class EveryEmbedder : public testing::TestWithParam<Row> {
 protected:
  void SetUp() override {
    ASSERT_NE(std::getenv("FACEREC_SOURCE_ROOT"), nullptr) << "set by meson test";
    model_.profile =
        facerec::read_profile(profile_folder() / (GetParam().name + std::string(".json")));
    model_.files = {folder_ / "random.onnx"};
    model_.fingerprint = "f";
    network().write(model_.files.front());
  }

  RandomNetwork network() const {
    const std::string& output = model_.profile.output;
    return {GetParam().input, GetParam().dimension, output.empty() ? "embedding" : output};
  }

  TemporaryFolder folder_;
  Model model_;
};

TEST_P(EveryEmbedder, SeesWhatItsAuthorsSayAndReturnsAllOfIt) {
  const Row& row = GetParam();
  EXPECT_EQ(model_.profile.template_name, row.face_template);
  Embedder embedder(model_);
  // A strip of faces, each with another brightness and tint.
  cv::Mat strip(row.input.height, most_faces * row.input.width, CV_8UC3);
  cv::RNG random(3);
  std::vector<Alignment> faces;
  std::vector<std::vector<double>> expected;
  for (int i = 0; i < most_faces; ++i) {
    const cv::Rect place(i * row.input.width, 0, row.input.width, row.input.height);
    cv::Mat face = strip(place);
    random.fill(face, cv::RNG::UNIFORM, cv::Scalar(10, 30 + 20 * i, 0),
                cv::Scalar(120, 90 + 40 * i, 60));
    faces.push_back({facerec::Affine(1, 0, static_cast<float>(-place.x), 0, 1, 0),
                     model_.profile.template_name, row.input});
    expected.push_back(network().expected(prepare(row, face.clone())));
    double length = 1;
    if (row.unit_length) length = cv::norm(expected.back(), cv::NORM_L2);
    for (double& value : expected.back()) value /= length;
  }
  for (int count = 1; count <= most_faces; ++count) {
    const auto embeddings =
        embedder.embed(facerec::view_of(strip), {faces.begin(), faces.begin() + count});
    ASSERT_EQ(embeddings.size(), static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      const auto& values = embeddings[i].values;
      ASSERT_EQ(values.size(), static_cast<std::size_t>(row.dimension));
      EXPECT_EQ(embeddings[i].unit_length, row.unit_length);
      const double greatest = cv::norm(expected[i], cv::NORM_INF);
      const cv::Mat difference = cv::Mat(values) - cv::Mat_<float>(cv::Mat(expected[i]));
      EXPECT_LT(cv::norm(difference, cv::NORM_INF), 2e-4 * greatest)
          << "face " << i << " of " << count;
    }
  }
}

TEST_P(EveryEmbedder, RefusesWhatIsNotItsNetwork) {
  const auto make = [](const Model& model) { Embedder embedder(model); };
  expect_refusals(model_, make);
  if (model_.profile.output.empty()) return;
  RandomNetwork(GetParam().input, GetParam().dimension, "another").write(model_.files.front());
  expect_refused(model_, make, "a network without its output");
}

INSTANTIATE_TEST_SUITE_P(, EveryEmbedder, testing::ValuesIn(rows), [](const auto& row) {
  std::string name = row.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(Embedders, EachShippedProfileHasARow) {
  std::set<std::string> held;
  for (const Row& row : rows) held.insert(row.name);
  ASSERT_NE(std::getenv("FACEREC_SOURCE_ROOT"), nullptr) << "set by meson test";
  for (const auto& entry : std::filesystem::directory_iterator(profile_folder())) {
    if (entry.path().extension() != ".json") continue;
    const facerec::Profile profile = facerec::read_profile(entry.path());
    if (profile.role != facerec::Role::Embedder) continue;
    EXPECT_EQ(held.count(profile.name), 1U) << "add a row for " << profile.name;
  }
}

}  // namespace
