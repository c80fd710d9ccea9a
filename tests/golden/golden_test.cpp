// Our own code on the pictures of golden.json, held to what a reference program that shares no code
// with it (reference.py) found there.

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "../../src/align/align.h"
#include "../../src/align/landmarker.h"
#include "../../src/embed/embedder.h"
#include "pictures.h"

using facerec::Alignment;
using facerec::Model;
using facerec::Role;
using nlohmann::json;

namespace {

/// What the reference says of a kind of profile, a parameter each.
class Golden : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const std::string root = environment("FACEREC_SOURCE_ROOT");
    ASSERT_FALSE(root.empty()) << "set by meson test";
    const std::string shared = shared_material().string();
    const std::string path = root + "/models:" + shared + "/models:" + shared + "/models/mtcnn";
    setenv("FACEREC_MODEL_PATH", path.c_str(), 1);
    golden_ = json::parse(std::ifstream(root + "/tests/golden/golden.json"));
    const auto profile = facerec::read_profile(root + "/models/" + GetParam() + ".json");
    if (shared.empty() && !std::filesystem::exists(root + "/models/" + profile.files[0].name)) {
      GTEST_SKIP() << "the network is absent, see FACEREC_SHARED";
    }
  }

  static Model model(Role role) {
    if (std::string(GetParam()) != "openface") return facerec::find_model(GetParam(), role);
    // The published file is not at hand; another of its architecture is, with other weights.
    Model stand_in;
    stand_in.profile =
        facerec::read_profile(environment("FACEREC_SOURCE_ROOT") + "/models/openface.json");
    stand_in.files = {shared_material() / "models/openface_nn4small2_partial.t7"};
    return stand_in;
  }

  /// Those cases whose pictures can be made here.
  static std::vector<json> possible(const json& cases) {
    std::vector<json> kept;
    for (const json& each : cases) {
      if (!shared_material().empty() || is_formula(each["picture"])) kept.push_back(each);
    }
    return kept;
  }

  json golden_;
};

/// Profiles that would be wrong: other channel order, mean, scale.
std::vector<Model> wrong(const Model& model) {
  std::vector<Model> models(3, model);
  models[0].profile.rgb = !model.profile.rgb;
  for (double& mean : models[1].profile.mean) mean = mean == 0 ? 127.5 : 0;
  models[2].profile.scale *= 1.1;
  return models;
}

std::vector<cv::Point2f> points_of(const json& pairs) {
  std::vector<cv::Point2f> points;
  for (const json& pair : pairs) points.emplace_back(pair[0], pair[1]);
  return points;
}

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

std::string test_name(const testing::TestParamInfo<const char*>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(, GoldenEmbedder,
                         testing::Values("mobilefacenet", "mobilefacenet-caffe", "openface",
                                         "facerec-embed"),
                         test_name);

// openface has a template of its own, for 68 points.
INSTANTIATE_TEST_SUITE_P(, GoldenAlignment,
                         testing::Values("mobilefacenet", "mobilefacenet-caffe", "facerec-embed"),
                         test_name);

class GoldenLandmarker : public Golden {
 protected:
  void SetUp() override {
    Golden::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    cases_ = possible(golden_["landmarkers"][GetParam()]);
    if (cases_.empty()) GTEST_SKIP() << "no photos, see FACEREC_SHARED";
  }

  /// The greatest distance of any point from the reference's, in parts of the square's side, or the
  /// greatest difference of a confidence if that is more.
  double difference(const Model& network) const {
    const auto landmarker = facerec::make_landmarker(network);
    double greatest = 0;
    for (const json& each : cases_) {
      const cv::Mat square = make_picture(each["picture"]);
      const cv::Point corner(16, 9);
      cv::Mat frame = cv::Mat::zeros(160, 180, CV_8UC3);
      square.copyTo(frame(cv::Rect(corner, square.size())));
      // The box that the profile's margin enlarges to the square.
      const auto side = static_cast<float>(square.rows);
      const float width = side / static_cast<float>(1 + 2 * network.profile.margin);
      const float height = 0.75F * width;
      const cv::Rect2f box(static_cast<float>(corner.x) + (side - width) / 2,
                           static_cast<float>(corner.y) + (side - height) / 2, width, height);
      const auto found = landmarker->locate(facerec::view_of(frame), box);
      const auto expected = points_of(each["points"]);
      if (found.points.size() != expected.size()) return INFINITY;
      for (std::size_t i = 0; i < expected.size(); ++i) {
        // From edge to edge; a pixel's middle, not its edge, has whole coordinates.
        const cv::Point2f place =
            expected[i] * side + cv::Point2f(corner) - cv::Point2f(0.5F, 0.5F);
        greatest = std::max(greatest, cv::norm(found.points[i] - place) / side);
      }
      const double confidence = each.value("score", 1.);
      greatest = std::max(greatest, std::abs(found.confidence - confidence));
    }
    return greatest;
  }

  std::vector<json> cases_;
};

TEST_P(GoldenLandmarker, PointsLieWhereTheReferenceSeesThem) {
  EXPECT_LT(difference(model(Role::Landmarker)), 1e-4);
}

TEST_P(GoldenLandmarker, AnotherPreparationWouldBeSeen) {
  for (const Model& each : wrong(model(Role::Landmarker))) EXPECT_GT(difference(each), 1e-3);
}

INSTANTIATE_TEST_SUITE_P(, GoldenLandmarker, testing::Values("pfld", "facerec-landmarks"),
                         test_name);

}  // namespace
