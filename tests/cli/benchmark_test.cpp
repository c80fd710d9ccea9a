// SPDX-License-Identifier: LGPL-2.1-or-later

#include <gtest/gtest.h>

#include <set>

#include "program_fixtures.h"

using Json = nlohmann::json;

namespace {

Json numbered(const Json& entries, const std::string& name) {
  for (const Json& entry : entries) {
    if (entry["name"] == name) return entry;
  }
  return {};
}

}  // namespace

/// With the models that are part of the project, and pictures so small that it is short.
class Benchmark : public Program {
 protected:
  void SetUp() override {
    setenv("FACEREC_MODEL_PATH", (environment("FACEREC_SOURCE_ROOT") + "/models").c_str(), 1);
  }
  void TearDown() override { unsetenv("FACEREC_MODEL_PATH"); }

  Result benchmark(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(),
                     {"benchmark", "--seconds", "0.2", "--detect-size", "320", "--detector",
                      "facerec-detect", "--model", "facerec-embed"});
    return run(arguments);
  }
};

TEST_F(Benchmark, NamesWhatItCannotUse) {
  EXPECT_TRUE(contains(error({"benchmark", "--seconds", "0"}), "--seconds takes a number from"));
  EXPECT_TRUE(contains(error({"benchmark", "--seconds", "soon"}), "not 'soon'"));
  EXPECT_TRUE(contains(error({"benchmark", "--analyses", "0"}), "--analyses takes a number from"));
  EXPECT_TRUE(contains(error({"benchmark", "--analyses", "2.5"}), "whole number"));
  EXPECT_TRUE(contains(error({"benchmark", "--chart", ""}), "--chart is empty"));
  EXPECT_TRUE(contains(error({"benchmark", "a.jpg", "b.jpg"}), "one argument too many"));
  EXPECT_TRUE(contains(error({"benchmark", "a.jpg", "b.jpg"}), "facerec benchmark [PHOTO]"));
  EXPECT_TRUE(contains(error({"benchmark", "--engine", "steam"}), "no engine 'steam'"));
  EXPECT_TRUE(contains(error({"benchmark", "--detector", "steam"}), "no detector is named"));
  const std::string absent = folder / "absent.jpg", nowhere = folder / "absent/chart.svg";
  EXPECT_TRUE(contains(error({"benchmark", absent}), "'" + absent + "' does not exist"));
  EXPECT_TRUE(contains(error({"benchmark", "--chart", nowhere}), "cannot be written"));
}

TEST_F(Benchmark, PrintsEachNetworkDetectorAndResolutionAndHowManyCameras) {
  const Result result = benchmark({});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.err, "");
  for (const char* part :
       {"facerec-detect", "facerec-landmarks", "facerec-embed", "opencv", "OF 8", "haar",
        "a drawn head, which is no real face", "640x360", "1280x720", "1920x1080",
        " of 1280x720 at 5 analyses a second: ", "x 1000 / (5 x "}) {
    EXPECT_TRUE(contains(result.out, part)) << part << '\n' << result.out;
  }
}

TEST_F(Benchmark, TellsTheSameAsJsonAndAsAChart) {
  const std::filesystem::path chart = folder / "chart.svg";
  const Result result = benchmark({"--json", "--chart", chart, "--analyses", "2"});
  EXPECT_EQ(result.code, 0) << result.err;
  const Json document = result.json();
  EXPECT_FALSE(document["machine"]["processor"].get<std::string>().empty());
  EXPECT_GE(document["machine"]["processors"], 1);
  EXPECT_EQ(document["engine"], "auto");
  EXPECT_EQ(document["photo"], nullptr);
  EXPECT_EQ(document["recognizer"]["detector"], "facerec-detect");

  std::set<std::string> roles;
  for (const Json& network : document["networks"]) {
    roles.insert(network["role"]);
    EXPECT_GE(network["input"]["width"], 64);
    EXPECT_EQ(network["batches"].size(), network["role"] == "detector" ? 1u : 4u) << network;
    for (const Json& batch : network["batches"]) {
      EXPECT_GT(batch["milliseconds_a_picture"], 0);
      EXPECT_GE(batch["runs"], 1);
    }
  }
  EXPECT_EQ(roles, (std::set<std::string>{"detector", "landmarker", "embedder"}));

  const Json detector = numbered(document["detectors"], "facerec-detect");
  EXPECT_EQ(detector["faces_a_frame"], 1) << "the drawn head";
  EXPECT_GT(detector["milliseconds"], 0);

  const int heights[] = {360, 720, 1080};
  ASSERT_EQ(document["chain"].size(), 3u);
  for (int i = 0; i < 3; ++i) {
    const Json& chain = document["chain"][i];
    EXPECT_EQ(chain["frame"]["height"], heights[i]);
    EXPECT_GT(chain["milliseconds"], 0);
    EXPECT_NEAR(chain["frames_a_second"].get<double>() * chain["milliseconds"].get<double>(), 1000,
                1e-6);
    EXPECT_EQ(chain["faces_a_frame"], 1);
    EXPECT_GE(chain["frames"], 25);
    EXPECT_GE(chain["represented"], 1);
    EXPECT_LT(chain["represented"], chain["frames"]) << "only where it is due";
  }

  const Json& cameras = document["cameras"];
  EXPECT_EQ(cameras["frame"]["height"], 720);
  EXPECT_EQ(cameras["analyses_a_second"], 2);
  EXPECT_EQ(cameras["faces_a_frame"], 1);
  const double carried =
      cameras["processors"].get<double>() * 1000 / (2 * cameras["milliseconds"].get<double>());
  EXPECT_EQ(cameras["cameras"], std::floor(carried));

  const std::string svg = read_file(chart);
  EXPECT_EQ(svg.rfind("<svg", 0), 0u);
  for (const char* part : {"facerec-embed", "1920x1080", "network alone, opencv", "</svg>"}) {
    EXPECT_TRUE(contains(svg, part)) << part;
  }
}

TEST_F(Benchmark, ShowsAPhotoWhereOneIsGiven) {
  const std::filesystem::path shared = shared_material();
  if (shared.empty()) GTEST_SKIP() << "no reference material: FACEREC_SHARED is not set";
  const std::string photo = shared / "media/hamilton_ids/alex-lacamoire.png";
  const Result result = benchmark({photo, "--json"});
  EXPECT_EQ(result.code, 0) << result.err;
  const Json document = result.json();
  EXPECT_EQ(document["photo"], photo);
  for (const Json& chain : document["chain"]) EXPECT_EQ(chain["faces_a_frame"], 1);
  EXPECT_TRUE(contains(error({"benchmark", photo, "--min-size", "5000"}),
                       "no face was found in '" + photo + "'"));
}

TEST_F(ProgramOnPhotos, EveryDetectorFindsTheDrawnHead) {
  const Result result = recognise({"benchmark", "--seconds", "0.2", "--json"});
  EXPECT_EQ(result.code, 0) << result.err;
  const Json document = result.json();
  EXPECT_GE(document["detectors"].size(), 5u);
  for (const Json& detector : document["detectors"]) {
    EXPECT_EQ(detector["faces_a_frame"], 1) << detector;
  }
}

TEST_F(Benchmark, MeasuresGalleries) {
  EXPECT_TRUE(contains(error({"benchmark", "gallery", "--templates", "5"}), "--templates takes"));
  const std::string chart = folder / "chart.svg";
  const Result result = run({"benchmark", "gallery", "--templates", "2000", "--seconds", "0.01",
                             "--chart", chart, "--json"});
  EXPECT_EQ(result.code, 0) << result.err;
  const Json galleries = result.json()["galleries"];
  std::set<std::pair<int, std::string>> measured;
  for (const Json& gallery : galleries) {
    measured.emplace(gallery["templates"], gallery["index"]);
    EXPECT_GT(gallery["milliseconds"], 0);
    EXPECT_GE(gallery["recall"], 0.98);
  }
  EXPECT_TRUE(measured.count({1000, "exact"}) == 1 && measured.count({2000, "exact"}) == 1);
  EXPECT_TRUE(std::filesystem::exists(chart));
}
