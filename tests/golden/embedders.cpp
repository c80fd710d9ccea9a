// SPDX-License-Identifier: LGPL-2.1-or-later

// Embeddings of our own code, held to those of a reference program that shares no code with it
// (reference.py).

#include "../../src/align/align.h"
#include "../../src/embed/embedder.h"
#include "golden.h"

using facerec::Alignment;
using facerec::Model;
using facerec::Role;
using nlohmann::json;

namespace {

class GoldenEmbedder : public Golden {
 protected:
  /// The greatest difference of any number of any vector, in parts of its vector's greatest.
  double difference(const Model& network) const {
    facerec::Embedder embedder(network);
    const auto& profile = embedder.profile();
    const auto cases = possible(golden_["embedders"][GetParam()]["aligned"]);
    std::vector<cv::Mat> pictures;
    std::vector<Alignment> faces;
    for (const json& each : cases) {
      pictures.push_back(make_picture(each["picture"]));
      const auto left = static_cast<float>(profile.input.width) * static_cast<float>(faces.size());
      faces.push_back(
          {facerec::Affine(1, 0, -left, 0, 1, 0), profile.template_name, profile.input});
    }
    cv::Mat strip;
    cv::hconcat(pictures, strip);
    const auto embeddings = embedder.embed(facerec::view_of(strip), faces);
    double greatest = cases.empty() ? NAN : 0;
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const std::vector<float> expected = cases[i]["embedding"];
      const double error = cv::norm(embeddings[i].values, expected, cv::NORM_INF);
      greatest = std::max(greatest, error / cv::norm(expected, cv::NORM_INF));
    }
    return greatest;
  }
};

TEST_P(GoldenEmbedder, ABatchOfAlignedFacesHasTheReferencesVectors) {
  EXPECT_LT(difference(model(Role::Embedder)), 1e-4);
}

TEST_P(GoldenEmbedder, AnotherPreparationWouldBeSeen) {
  for (const Model& each : wrong(model(Role::Embedder))) EXPECT_GT(difference(each), 1e-3);
}

class GoldenAlignment : public Golden {};

TEST_P(GoldenAlignment, AFaceOfAPhotoHasNearlyTheReferencesVector) {
  const auto cases = possible(golden_["embedders"][GetParam()]["photos"]);
  if (cases.empty()) GTEST_SKIP() << "no photos, see FACEREC_SHARED";
  facerec::Embedder embedder(model(Role::Embedder));
  const auto& profile = embedder.profile();
  for (const json& each : cases) {
    facerec::Face face;
    face.landmarks = {facerec::LandmarkScheme::Five, points_of(each["points"])};
    const cv::Mat picture = make_picture(each["picture"]);
    const auto alignment = facerec::align(face, profile.template_name, profile.input, 0);
    ASSERT_TRUE(alignment);
    const auto values = embedder.embed(facerec::view_of(picture), {*alignment})[0].values;
    const std::vector<float> expected = each["embedding"];
    // The reference resamples otherwise, which tells most where the face has to shrink.
    EXPECT_GT(cv::Mat(values).dot(cv::Mat(expected)), profile.input.width < 112 ? 0.98 : 0.999)
        << each["picture"];
  }
}

INSTANTIATE_TEST_SUITE_P(, GoldenEmbedder,
                         testing::Values("mobilefacenet", "mobilefacenet-caffe", "openface",
                                         "facerec-embed"),
                         test_name);

// openface has a template of its own, for 68 points.
INSTANTIATE_TEST_SUITE_P(, GoldenAlignment,
                         testing::Values("mobilefacenet", "mobilefacenet-caffe", "facerec-embed"),
                         test_name);

}  // namespace
