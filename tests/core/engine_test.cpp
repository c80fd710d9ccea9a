// SPDX-License-Identifier: LGPL-2.1-or-later

// What holds for every engine of the build: the same numbers, one reading of the file, one error.

#include <cstdlib>
#include <opencv2/core.hpp>
#include <thread>

#include "../../src/engine/network.h"
#include "random_network.h"

using facerec::ErrorCode;
using facerec::Model;
using facerec::Network;

namespace {

cv::Mat random_picture(cv::Size size, int seed) {
  cv::Mat picture(size, CV_8UC3);
  cv::RNG(seed).fill(picture, cv::RNG::UNIFORM, 0, 256);
  return picture;
}

/// A network of the repository, with the engine.
Model shipped(const std::string& name, facerec::Role role, const std::string& engine) {
  const char* root = std::getenv("FACEREC_SOURCE_ROOT");
  if (!root) throw std::runtime_error("FACEREC_SOURCE_ROOT is not set; meson test sets it");
  Model model = facerec::find_model(std::string(root) + "/models/" + name + ".json", role);
  model.engine.name = engine;
  return model;
}

class Engine : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(All, Engine, testing::ValuesIn(facerec::engine_names()),
                         [](const auto& info) { return info.param; });

TEST_P(Engine, GivesTheNumbersOfOpencv) {
  const std::vector<std::string> strides{"stride8", "stride16", "stride32"};
  Network ours(shipped("facerec-detect", facerec::Role::Detector, GetParam()), strides);
  Network reference(shipped("facerec-detect", facerec::Role::Detector, "opencv"), strides);
  for (const cv::Size size : {cv::Size{64, 64}, {96, 64}, {64, 160}, {64, 64}}) {
    const cv::Mat picture = random_picture(size, size.area());
    const auto& results = ours.run(picture);
    const auto& expected = reference.run(picture);
    ASSERT_EQ(results.size(), strides.size());
    for (std::size_t i = 0; i < results.size(); ++i) {
      ASSERT_EQ(results[i].size, expected[i].size);
      EXPECT_LT(cv::norm(results[i].reshape(1, 1), expected[i].reshape(1, 1), cv::NORM_INF), 1e-3);
    }
  }
}

TEST_P(Engine, OpensANetworkOfOneSizeToBatches) {
  Network network(shipped("facerec-embed", facerec::Role::Embedder, GetParam()));
  const cv::Size size = network.profile().input;
  const std::vector<cv::Mat> pictures{random_picture(size, 1), random_picture(size, 2)};
  const cv::Mat both = network.run(pictures).at(0).clone();
  ASSERT_EQ(both.size[0], 2);
  for (int i = 0; i < 2; ++i)
    EXPECT_LT(cv::norm(network.run(pictures[i]).at(0), both.row(i), cv::NORM_INF), 1e-4);
}

TEST_P(Engine, AFileThatIsReplacedOrRemovedChangesNothing) {
  const TemporaryFolder folder;
  Model model;
  model.profile.name = "net";
  model.profile.input = {32, 32};
  model.profile.files = {{}};
  model.files = {folder / "net.onnx"};
  model.engine.name = GetParam();
  RandomNetwork({32, 32}, 16).write(model.files[0]);
  Network network(model);
  const cv::Mat picture = random_picture({32, 32}, 1);
  const cv::Mat before = network.run(picture).at(0).clone();
  RandomNetwork({32, 32}, 24).write(model.files[0]);
  EXPECT_EQ(cv::norm(network.run(picture).at(0), before, cv::NORM_INF), 0);
  std::filesystem::remove(model.files[0]);
  EXPECT_EQ(cv::norm(network.run(picture).at(0), before, cv::NORM_INF), 0);
}

TEST_P(Engine, ThreadsShareANetworkAndKeepTheirResults) {
  const Model model = shipped("facerec-embed", facerec::Role::Embedder, GetParam());
  constexpr int people = 4;
  std::vector<cv::Mat> pictures;
  std::vector<cv::Mat> expected;
  for (int i = 0; i < people; ++i) {
    pictures.push_back(random_picture(model.profile.input, i));
    expected.push_back(Network(model).run(pictures.back()).at(0).clone());
  }
  std::vector<double> errors(people);
  std::vector<std::thread> threads;
  for (int i = 0; i < people; ++i) {
    threads.emplace_back([&, i] {
      Network network(model);
      for (int run = 0; run < 5; ++run) {
        const cv::Mat& result = network.run(pictures[i]).at(0);
        std::this_thread::yield();
        errors[i] = std::max(errors[i], cv::norm(result, expected[i], cv::NORM_INF));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(errors, std::vector<double>(people));
}

TEST_P(Engine, ANetworkIsReadOnceInAProcess) {
  const Model model = shipped("facerec-embed", facerec::Role::Embedder, GetParam());
  const auto first = facerec::shared_backend(model);
  EXPECT_EQ(facerec::shared_backend(model), first);
  Model other = model;
  other.engine.threads = model.engine.threads + 1;
  EXPECT_NE(facerec::shared_backend(other), first);
}

TEST_P(Engine, HalfAFileAndNoFileAreRefused) {
  const TemporaryFolder folder;
  Model model = shipped("facerec-embed", facerec::Role::Embedder, GetParam());
  const std::string whole = read_file(model.files[0]);
  model.files = {folder / "half.onnx"};
  for (const std::size_t size : {whole.size() / 2, whole.size() - 1, std::size_t{0}}) {
    write_file(model.files[0], whole.substr(0, size));
    expect_error(ErrorCode::Read, {"half.onnx"}, [&] { Network{model}; });
  }
  write_file(model.files[0], "hello\n");
  expect_error(ErrorCode::Read, {"half.onnx"}, [&] { Network{model}; });
}

TEST(EngineNames, OthersAreNamedInTheError) {
  expect_error(ErrorCode::Settings, {"'tensorrt'", "opencv", "onnxruntime"},
               [] { Network(shipped("facerec-embed", facerec::Role::Embedder, "tensorrt")); });
}

TEST(EngineNames, OnnxruntimeRunsOnnxOnly) {
  const TemporaryFolder folder;
  Model model = write_convolution(folder, {1, 0, 0, 0, 1, 0, 0, 0, 1}, {4, 4});
  model.engine.name = "onnxruntime";
  expect_error(ErrorCode::Settings, {"net.weights", "opencv"}, [&] { Network{model}; });
  model.engine.name = "auto";
  EXPECT_NO_THROW(Network{model});
}

}  // namespace
