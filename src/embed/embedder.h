#pragma once

#include <vector>

#include "../engine/network.h"
#include "../face.h"
#include "../frame_view.h"

namespace facerec {

/// Represents aligned faces as embeddings. Not for two threads at once.
class Embedder {
 public:
  /// Throws Error: as Network does; Mismatch where the output's length is not the profile's.
  explicit Embedder(const Model& model);

  /// One embedding a face, in their order; all faces of a frame in as few batches as possible.
  /// Each alignment is to profile().template_name and profile().input. Throws Error: as Network
  /// does; Mismatch where the network returns numbers that are not finite.
  std::vector<Embedding> embed(const FrameView& frame, const std::vector<Alignment>& faces);

  /// The model's profile, with the network's dimension where it stated none.
  const Profile& profile() const { return profile_; }
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  Network network_;
  Profile profile_;
  std::string fingerprint_;
};

}  // namespace facerec
