// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "../engine/network.h"
#include "../face.h"
#include "../frame_view.h"
#include "../sampling.h"

namespace facerec {

/// Represents aligned faces as embeddings. Not for two threads at once.
class Embedder {
 public:
  /// Throws Error: as Network does; Mismatch where the output's length is not the profile's.
  explicit Embedder(const Model& model);

  /// One embedding a face, in their order. Each alignment is to profile().template_name and
  /// profile().input; what lies outside its mask is black. Throws Error: as Network does; Mismatch
  /// where the network returns numbers that are not finite.
  std::vector<Embedding> embed(const FrameView& frame, const std::vector<Alignment>& faces);

  /// The model's profile, with the network's dimension where it stated none.
  const Profile& profile() const { return profile_; }
  /// Of embeddings of whole aligned faces, or of masked ones: these may not be compared.
  const std::string& fingerprint(bool masked = false) const {
    return masked ? masked_fingerprint_ : fingerprint_;
  }

 private:
  std::vector<float> represent(const cv::Mat& face);

  Network network_;
  Sampler sampler_;
  Profile profile_;
  std::string fingerprint_;
  std::string masked_fingerprint_;
};

}  // namespace facerec
