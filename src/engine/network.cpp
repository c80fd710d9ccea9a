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
std::pair<double, double> standardisation(const cv::Mat& picture) {
  const cv::Mat values = picture.isContinuous() ? picture : picture.clone();
  cv::Scalar mean;
  cv::Scalar deviation;
  cv::meanStdDev(values.reshape(1), mean, deviation);
  const double count = static_cast<double>(values.total()) * values.channels();
  return {mean[0], 1 / std::max(deviation[0], 1 / std::sqrt(count))};
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

const std::vector<cv::Mat>& Network::forward(const cv::Mat* pictures, std::size_t count) {
  fill_blob(pictures, static_cast<int>(count));
  try {
    backend_->run(blob_, outputs_, results_);
    return results_;
  } catch (const std::runtime_error& error) {
    throw Error(ErrorCode::Read,
                file_ + " does not run on a picture of " + std::to_string(blob_.size[3]) + "x" +
                    std::to_string(blob_.size[2]) + " (" + error.what() + ")" + remedy(profile_));
  }
}

void Network::fill_blob(const cv::Mat* pictures, int count) {
  const cv::Size size = pictures[0].size();
  blob_.create(std::vector<int>{count, 3, size.height, size.width}, CV_32F);
  for (int picture = 0; picture < count; ++picture) {
    CV_Assert(pictures[picture].type() == CV_8UC3 && pictures[picture].size() == size);
    cv::split(pictures[picture], channels_);
    const auto own =
        profile_.standardise ? standardisation(pictures[picture]) : std::pair<double, double>{};
    for (int channel = 0; channel < 3; ++channel) {
      const double mean = profile_.standardise ? own.first : profile_.mean.at(channel);
      const double scale = profile_.standardise ? own.second : profile_.scale;
      cv::Mat plane(size, CV_32F, blob_.ptr<float>(picture, channel));
      channels_.at(profile_.rgb ? 2 - channel : channel)
          .convertTo(plane, CV_32F, scale, -mean * scale);
    }
  }
}

}  // namespace facerec
