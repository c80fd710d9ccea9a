// SPDX-License-Identifier: LGPL-2.1-or-later

#include "../../src/engine/network.h"

#include <opencv2/imgcodecs.hpp>

#include "model_fixtures.h"
#include "shared_material.h"

using facerec::ErrorCode;
using facerec::Model;
using facerec::Network;

namespace {

const std::vector<float> identity{1, 0, 0, 0, 1, 0, 0, 0, 1};

cv::Mat random_picture(cv::Size size, int seed) {
  cv::Mat picture(size, CV_8UC3);
  cv::RNG random(seed);
  random.fill(picture, cv::RNG::UNIFORM, 0, 256);
  return picture;
}

Model bare(const std::filesystem::path& file, cv::Size input,
           const std::filesystem::path& configuration = {}) {
  Model model;
  model.profile.name = "bare";
  model.profile.input = input;
  model.profile.files = {{}};
  model.files = {file};
  if (!configuration.empty()) model.files.push_back(configuration);
  return model;
}

TEST(Network, PreparesThePictureAsTheProfileSays) {
  const TemporaryFolder folder;
  Model model = write_convolution(folder, identity, {5, 4});
  const cv::Mat picture = random_picture({5, 4}, 1);
  for (const bool rgb : {false, true}) {
    model.profile.rgb = rgb;
    model.profile.mean = {10, 20.5, 30};
    model.profile.scale = 1 / 128.;
    Network network(model);
    const cv::Mat output = network.run(picture).at(0);
    ASSERT_EQ(output.dims, 4);
    for (int channel = 0; channel < 3; ++channel) {
      for (int y = 0; y < 4; ++y) {
        for (int x = 0; x < 5; ++x) {
          const double value = picture.at<cv::Vec3b>(y, x)[rgb ? 2 - channel : channel];
          EXPECT_NEAR(output.ptr<float>(0, channel, y)[x],
                      (value - model.profile.mean.at(channel)) / 128, 1e-5);
        }
      }
    }
  }
}

TEST(Network, StandardisesEachPictureOfABatchByItself) {
  const TemporaryFolder folder;
  Model model = write_convolution(folder, identity, {5, 4});
  model.profile.standardise = true;
  model.profile.rgb = true;
  Network network(model);
  const cv::Mat dark = random_picture({5, 4}, 1) / 4;
  const cv::Mat flat(4, 5, CV_8UC3, cv::Scalar::all(77));
  const cv::Mat output =
      network.run(std::vector{random_picture({5, 4}, 2), dark, flat, dark}).at(0);
  cv::Scalar mean;
  cv::Scalar deviation;
  cv::meanStdDev(dark.reshape(1), mean, deviation);
  for (int i = 0; i < dark.rows * dark.cols; ++i) {
    for (int channel = 0; channel < 3; ++channel) {
      const double value = dark.at<cv::Vec3b>(i)[2 - channel];  // red comes first
      EXPECT_NEAR(output.ptr<float>(1, channel)[i], (value - mean[0]) / deviation[0], 1e-4);
    }
  }
  const cv::Mat grey(1, 60, CV_32F, const_cast<float*>(output.ptr<float>(2)));
  EXPECT_LT(cv::norm(grey, cv::NORM_INF), 1e-4);
  const cv::Mat first(1, 60, CV_32F, const_cast<float*>(output.ptr<float>(1)));
  const cv::Mat twin(1, 60, CV_32F, const_cast<float*>(output.ptr<float>(3)));
  EXPECT_EQ(cv::norm(first, twin, cv::NORM_INF), 0);
}

TEST(Network, EveryBatchEqualsSinglePictures) {
  const TemporaryFolder folder;
  Network network(write_convolution(folder, identity, {6, 6}));
  for (int count = 1; count <= 9; ++count) {
    std::vector<cv::Mat> pictures;
    for (int i = 0; i < count; ++i) pictures.push_back(random_picture({6, 6}, i));
    const cv::Mat batch = network.run(pictures).at(0).clone();
    ASSERT_EQ(batch.size[0], count);
    for (int i = 0; i < count; ++i) {
      const cv::Mat single = network.run(pictures[i]).at(0);
      for (int channel = 0; channel < 3; ++channel) {
        const cv::Mat a(6, 6, CV_32F, const_cast<float*>(batch.ptr<float>(i, channel)));
        const cv::Mat b(6, 6, CV_32F, const_cast<float*>(single.ptr<float>(0, channel)));
        EXPECT_LT(cv::norm(a, b, cv::NORM_INF), 1e-4);
      }
    }
  }
}

TEST(Network, ManyShapesAreServed) {
  const TemporaryFolder folder;
  Network network(write_convolution(folder, identity, {4, 4}));
  for (const int side : {4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 4}) {
    const cv::Mat picture = random_picture({side, 3}, side);
    const cv::Mat output = network.run(picture).at(0);
    ASSERT_EQ(output.size[3], side);
    EXPECT_EQ(output.ptr<float>(0, 2, 2)[side - 1], picture.at<cv::Vec3b>(2, side - 1)[2]);
  }
}

TEST(Network, AnUnknownOutputIsAMismatch) {
  const TemporaryFolder folder;
  const Model model = write_convolution(folder, identity, {4, 4});
  expect_error(ErrorCode::Mismatch, {model.files[0].string(), "'fc7'"},
               [&] { Network(model, {"fc7"}); });
}

TEST(Network, AFileThatIsReplacedOrRemovedChangesNothing) {
  const TemporaryFolder folder;
  const Model model = write_convolution(folder, identity, {4, 4});
  Network network(model);
  const auto expect_the_first = [&](cv::Size size) {
    const cv::Mat picture = random_picture(size, 1);
    EXPECT_EQ(*network.run(picture).at(0).ptr<float>(), picture.at<cv::Vec3b>(0, 0)[0]);
  };
  write_convolution(folder, {2, 0, 0, 0, 2, 0, 0, 0, 2}, {4, 4});
  expect_the_first({4, 4});
  expect_the_first({8, 8});
  for (const auto& file : model.files) std::filesystem::remove(file);
  expect_the_first({6, 6});
}

TEST(Network, WhatIsNoNetworkIsOneClearError) {
  const TemporaryFolder folder;
  cv::imwrite((folder / "picture.jpg").string(), random_picture({200, 200}, 3));
  const std::string contents[] = {"", "hello\n", std::string(30000, '\0'),
                                  read_file(folder / "picture.jpg"), "{\"a\": 1}"};
  write_convolution(folder, identity, {4, 4});
  write_file(folder / "empty.prototxt", "");
  for (const char* extension : {".t7", ".net", ".onnx", ".pb", ".caffemodel"}) {
    const auto file = folder / (std::string("file") + extension);
    for (const std::string& content : contents) {
      write_file(file, content);
      expect_error(ErrorCode::Read, {file.string()}, [&] {
        Network(bare(file, {112, 112}, folder / "picture.jpg"));
      });
    }
  }
  for (const std::string& content : {contents[0], contents[1]}) {
    write_file(folder / "net.weights", content);
    expect_error(ErrorCode::Read, {(folder / "net.weights").string()}, [&] {
      Network(bare(folder / "net.weights", {4, 4}, folder / "net.cfg"));
    });
  }
}

TEST(Network, UnknownKindsAndMissingConfigurationsSayWhatIsWanted) {
  const TemporaryFolder folder;
  write_file(folder / "a.tflite", "x");
  write_file(folder / "a.caffemodel", "x");
  expect_error(ErrorCode::Settings, {"a.tflite", ".onnx"}, [&] {
    Network(bare(folder / "a.tflite", {8, 8}));
  });
  expect_error(ErrorCode::Settings, {"a.caffemodel", "a.prototxt"}, [&] {
    Network(bare(folder / "a.caffemodel", {8, 8}));
  });
}

TEST(Network, HalfAFileOfEachKindIsRefused) {
  if (shared_material().empty()) GTEST_SKIP() << "no reference material, see FACEREC_SHARED";
  const TemporaryFolder folder;
  const std::pair<const char*, const char*> networks[] = {
      {"openface_nn4small2_partial.t7", ""},
      {"mobilefacenet_y1_128d.onnx", ""},
      {"laulian_mobilefacenet.caffemodel", "laulian_mobilefacenet.prototxt"},
      {"opencv_face_detector_uint8.pb", "opencv_face_detector.pbtxt"}};
  for (const auto& [name, configuration] : networks) {
    const std::string whole = read_file(shared_material() / "models" / name);
    write_file(folder / name, whole.substr(0, whole.size() / 2));
    expect_error(ErrorCode::Read, {name}, [&, network = name, text = configuration] {
      Network(bare(folder / network, {112, 112},
                   *text ? shared_material() / "models" / text : std::filesystem::path()));
    });
  }
}

TEST(Network, WhatTakesNoBatchesSaysSo) {
  if (shared_material().empty()) GTEST_SKIP() << "no reference material, see FACEREC_SHARED";
  Model model = bare(shared_material() / "models/pfld_cunjian.onnx", {112, 112});
  model.engine.name = "opencv";
  Network network(model);
  const cv::Mat picture = random_picture({112, 112}, 1);
  const cv::Mat before = network.run(picture).at(0).clone();
  expect_error(ErrorCode::Read, {"pfld_cunjian.onnx"}, [&] {
    network.run(std::vector{picture, picture});
  });
  EXPECT_EQ(cv::norm(network.run(picture).at(0), before, cv::NORM_INF), 0);
}

}  // namespace
