// SPDX-License-Identifier: LGPL-2.1-or-later

#include "network.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "../error.h"
#include "importer.h"

namespace facerec {
namespace {

constexpr std::size_t kept_nets = 16;  // MTCNN's pyramid has up to twelve sizes
constexpr int largest_batch = 8;

int batch_size(std::size_t pictures) {
  int batch = largest_batch;
  while (static_cast<std::size_t>(batch) > pictures) batch /= 2;
  return batch;
}

std::string remedy(const Profile& profile) {
  const bool official = std::any_of(profile.files.begin(), profile.files.end(),
                                    [](const ModelFile& file) { return !file.url.empty(); });
  return official ? ": fetch it again with 'facerec models fetch " + profile.name + "'"
                  : ": pass another file, or a profile that describes this one";
}

/// (value - mean) * scale for each value of a byte.
std::array<float, 256> value_table(double mean, double scale) {
  std::array<float, 256> table{};
  for (int value = 0; value < 256; ++value) {
    table.at(value) = static_cast<float>((value - mean) * scale);
  }
  return table;
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

Network::Network(const Model& model, cv::Size probe)
    : profile_(model.profile), files_(model.files) {
  for (const auto& file : files_) times_.push_back(std::filesystem::last_write_time(file));
  run({cv::Mat::zeros(probe.empty() ? profile_.input : probe, CV_8UC3)});
}

std::vector<cv::Mat> Network::run(const std::vector<cv::Mat>& pictures,
                                  const std::vector<std::string>& outputs) {
  std::vector<cv::Mat> all;
  for (std::size_t done = 0; done < pictures.size();) {
    const int count = batches_ ? batch_size(pictures.size() - done) : 1;
    std::vector<cv::Mat> results = forward(&pictures[done], count, outputs);
    if (results.empty()) {
      batches_ = false;
      continue;
    }
    done += static_cast<std::size_t>(count);
    if (all.empty()) {
      all = std::move(results);
      continue;
    }
    for (std::size_t i = 0; i < all.size(); ++i) all[i].push_back(results[i]);
  }
  return all;
}

std::vector<cv::Mat> Network::forward(const cv::Mat* pictures, int count,
                                      const std::vector<std::string>& outputs) {
  const std::string file = files_.front().string();
  fill_blob(pictures, count);
  try {
    // OpenCV plans its memory for the outputs of the first run: others come out overwritten later.
    cv::dnn::Net& net =
        net_for({{blob_.size[0], blob_.size[1], blob_.size[2], blob_.size[3]}, outputs});
    std::vector<std::string> names = outputs;
    if (names.empty()) {
      names.push_back(profile_.output.empty() ? net.getUnconnectedOutLayersNames().at(0)
                                              : profile_.output);
    }
    for (const std::string& name : names) {
      if (net.getLayerId(name) < 0) {
        std::string problem = file;
        problem.append(" has no output '")
            .append(name)
            .append("', so it is another network than '");
        throw Error(ErrorCode::Mismatch, problem + profile_.name + "'" + remedy(profile_));
      }
    }
    net.setInput(blob_);
    std::vector<cv::Mat> results;
    net.forward(results, names);
    // cv::dnn writes the next result into the same memory.
    for (cv::Mat& result : results) result = result.clone();
    const bool each = std::all_of(results.begin(), results.end(),
                                  [&](const cv::Mat& result) { return result.size[0] == count; });
    if (count > 1 && !each) return {};
    return results;
  } catch (const cv::Exception& error) {
    if (count > 1) return {};
    throw Error(ErrorCode::Read,
                file + " does not run on a picture of " + std::to_string(blob_.size[3]) + "x" +
                    std::to_string(blob_.size[2]) + " (" + explain(error) + ")" + remedy(profile_));
  }
}

cv::dnn::Net& Network::net_for(const Plan& plan) {
  auto found = std::find_if(nets_.begin(), nets_.end(),
                            [&](const auto& entry) { return entry.first == plan; });
  if (found == nets_.end()) {
    check_unchanged();
    cv::dnn::Net net;
    try {
      net = import_network(files_);
    } catch (const Error& error) {
      throw Error(error.code(), error.what() + remedy(profile_));
    }
    net.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
    net.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
    if (nets_.size() == kept_nets) nets_.pop_back();
    found = nets_.insert(nets_.end(), {plan, net});
  }
  std::rotate(nets_.begin(), found, found + 1);
  return nets_.front().second;
}

void Network::check_unchanged() const {
  for (std::size_t i = 0; i < files_.size(); ++i) {
    std::error_code failure;
    if (std::filesystem::last_write_time(files_[i], failure) != times_[i] || failure) {
      throw Error(ErrorCode::Read,
                  files_[i].string() + " was changed or removed while it is in use: start again");
    }
  }
}

void Network::fill_blob(const cv::Mat* pictures, int count) {
  const int rows = pictures[0].rows;
  const int columns = pictures[0].cols;
  blob_.create(std::vector<int>{count, 3, rows, columns}, CV_32F);
  for (int picture = 0; picture < count; ++picture) {
    CV_Assert(pictures[picture].type() == CV_8UC3 && pictures[picture].rows == rows &&
              pictures[picture].cols == columns);
    const auto own =
        profile_.standardise ? standardisation(pictures[picture]) : std::pair<double, double>{};
    for (int channel = 0; channel < 3; ++channel) {
      const auto table = profile_.standardise
                             ? value_table(own.first, own.second)
                             : value_table(profile_.mean.at(channel), profile_.scale);
      const int source_channel = profile_.rgb ? 2 - channel : channel;
      auto* target = blob_.ptr<float>(picture, channel);
      for (int row = 0; row < rows; ++row) {
        const uchar* source = pictures[picture].ptr<uchar>(row) + source_channel;
        for (int column = 0; column < columns; ++column)
          *target++ = table[source[3 * static_cast<std::ptrdiff_t>(column)]];
      }
    }
  }
}

}  // namespace facerec
