// SPDX-License-Identifier: LGPL-2.1-or-later

#include "embedder.h"

#include <algorithm>
#include <cmath>

#include "../align/mask.h"
#include "../error.h"
#include "../model/digest.h"

namespace facerec {
namespace {

/// Scales to length 1; a vector of zeros has no direction and stays as it is.
void normalise(std::vector<float>& values) {
  double squares = 0;
  for (const float value : values) squares += static_cast<double>(value) * value;
  if (squares == 0) return;
  const double factor = 1 / std::sqrt(squares);
  for (float& value : values) value = static_cast<float>(value * factor);
}

}  // namespace

Embedder::Embedder(const Model& model)
    : network_(model),
      profile_(model.profile),
      fingerprint_(model.fingerprint),
      masked_fingerprint_(sha256(model.fingerprint + "\nmask")) {
  const cv::Mat output = network_.run(cv::Mat::zeros(profile_.input, CV_8UC3)).front();
  const int length = static_cast<int>(output.total());
  if (profile_.dimension != 0 && profile_.dimension != length) {
    throw Error(ErrorCode::Mismatch,
                model.files.front().string() + " gives embeddings of " + std::to_string(length) +
                    " numbers instead of " + std::to_string(profile_.dimension) +
                    ": pass the file that the profile '" + profile_.name + "' describes");
  }
  profile_.dimension = length;
}

std::vector<Embedding> Embedder::embed(const FrameView& frame,
                                       const std::vector<Alignment>& faces) {
  std::vector<Embedding> embeddings;
  embeddings.reserve(faces.size());
  for (const Alignment& face : faces) {
    cv::Mat picture = sampler_.warp_to_bgr(frame, face.transform, profile_.input);
    apply_mask(picture, face.mask);
    embeddings.push_back(
        {profile_.name, fingerprint(!face.mask.empty()), represent(picture), profile_.unit_length});
  }
  return embeddings;
}

std::vector<float> Embedder::represent(const cv::Mat& face) {
  const cv::Mat& output = network_.run(face).front();
  if (output.total() != static_cast<std::size_t>(profile_.dimension)) {
    throw Error(ErrorCode::Mismatch, "the network of '" + profile_.name +
                                         "' does not return one embedding a face: pass the file "
                                         "that the profile describes");
  }
  std::vector<float> values(output.ptr<float>(), output.ptr<float>() + profile_.dimension);
  if (!is_finite(values)) {
    throw Error(ErrorCode::Mismatch, "the network of '" + profile_.name +
                                         "' returns numbers that are not finite: check the "
                                         "profile's scale and mean, or fetch the file again");
  }
  if (profile_.unit_length) normalise(values);
  return values;
}

}  // namespace facerec
