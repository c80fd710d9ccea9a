// SPDX-License-Identifier: LGPL-2.1-or-later

#include "network.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "../error.h"

namespace facerec {
namespace {

std::string remedy(const Profile& profile) {
  const bool official = std::any_of(profile.files.begin(), profile.files.end(),
                                    [](const ModelFile& file) { return !file.url.empty(); });
  return official ? ": fetch it again with 'facerec models fetch " + profile.name + "'"
                  : ": pass another file, or a profile that describes this one";
}

/// The mean of all values and one divided by their deviation, at least 1 / sqrt(count) as in
/// TensorFlow's per_image_standardization.
std::pair<double, double> standardisation(const BgrPlanes& picture) {
  double mean = 0;
  double square = 0;
  for (const cv::Mat& plane : picture) {
    cv::Scalar of_plane, deviation;
    cv::meanStdDev(plane, of_plane, deviation);
    mean += of_plane[0] / 3;
    square += (of_plane[0] * of_plane[0] + deviation[0] * deviation[0]) / 3;
  }
  const double deviation = std::sqrt(std::max(square - mean * mean, 0.0));
  const auto count = static_cast<double>(3 * picture[0].total());
  return {mean, 1 / std::max(deviation, 1 / std::sqrt(count))};
}

}  // namespace

Network::Network(const Model& model, std::vector<std::string> outputs, cv::Size probe)
    : profile_(model.profile), file_(model.files.front().string()), outputs_(std::move(outputs)) {
  try {
    backend_ = shared_backend(model);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::Read) throw;
    throw Error(error.code(), error.what() + remedy(profile_));
  }
  if (outputs_.empty()) {
    outputs_.push_back(profile_.output.empty() ? backend_->output_names().at(0) : profile_.output);
  }
  require_outputs();
  run(cv::Mat::zeros(probe.empty() ? profile_.input : probe, CV_8UC3));
}

void Network::require_outputs() const {
  for (const std::string& name : outputs_) {
    if (backend_->has_output(name)) continue;
    throw Error(ErrorCode::Mismatch, file_ + " has no output '" + name +
                                         "', so it is another network than '" + profile_.name +
                                         "'" + remedy(profile_));
  }
}

const std::vector<cv::Mat>& Network::run(const std::vector<cv::Mat>& pictures) {
  return forward(pictures.data(), pictures.size());
}

const std::vector<cv::Mat>& Network::run(const cv::Mat& picture) {
  return forward(&picture, 1);
}

const std::vector<cv::Mat>& Network::run(const BgrPlanes& picture) {
  make_blob(1, picture[0].size());
  fill_blob(0, picture);
  return forward();
}

const std::vector<cv::Mat>& Network::forward(const cv::Mat* pictures, std::size_t count) {
  const cv::Size size = pictures[0].size();
  make_blob(static_cast<int>(count), size);
  for (std::size_t i = 0; i < count; ++i) {
    CV_Assert(pictures[i].type() == CV_8UC3 && pictures[i].size() == size);
    cv::split(pictures[i], planes_.data());
    fill_blob(static_cast<int>(i), planes_);
  }
  return forward();
}

const std::vector<cv::Mat>& Network::forward() {
  try {
    backend_->run(blob_, outputs_, results_);
    return results_;
  } catch (const std::runtime_error& error) {
    throw Error(ErrorCode::Read,
                file_ + " does not run on a picture of " + std::to_string(blob_.size[3]) + "x" +
                    std::to_string(blob_.size[2]) + " (" + error.what() + ")" + remedy(profile_));
  }
}

void Network::make_blob(int count, cv::Size size) {
  blob_.create(std::vector<int>{count, 3, size.height, size.width}, CV_32F);
}

void Network::fill_blob(int number, const BgrPlanes& picture) {
  const auto own = profile_.standardise ? standardisation(picture) : std::pair<double, double>{};
  for (int channel = 0; channel < 3; ++channel) {
    const double mean = profile_.standardise ? own.first : profile_.mean.at(channel);
    const double scale = profile_.standardise ? own.second : profile_.scale;
    cv::Mat plane(picture[0].size(), CV_32F, blob_.ptr<float>(number, channel));
    picture.at(profile_.rgb ? 2 - channel : channel).convertTo(plane, CV_32F, scale, -mean * scale);
  }
}

}  // namespace facerec
