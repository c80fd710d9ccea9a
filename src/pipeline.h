// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "align/landmark_stage.h"
#include "detect/detector.h"
#include "embed/embedder.h"
#include "face.h"
#include "frame_view.h"
#include "image/orientation.h"
#include "model/network_settings.h"
#include "sampling.h"

namespace facerec {

/// Which models a Recognizer uses. Names as find_model takes them.
struct RecognizerOptions {
  std::string detector = "auto";
  std::string landmarks = "auto";  ///< see LandmarkStage
  std::string model = "auto";      ///< embedder
  std::string template_name;       ///< see find_embedder()
  NetworkSettings network;         ///< of an embedder without a profile; the engine of all
  std::optional<Model> preferred;  ///< what "auto" means for the embedder; empty = as find_model()
  bool mask = false;               ///< see align/mask.h; faces then get 68 landmarks
  DetectOptions detect;
};

/// A face with everything that the stages say of it.
struct RecognizedFace {
  Face face;
  Quality quality;
  std::optional<Alignment> alignment;  ///< empty where no landmarks were found
  std::optional<Embedding> embedding;  ///< empty where there is no alignment
};

/// How much a face stands out in a frame: its area, which counts less the farther it is from the
/// middle, as somebody whose photo it is stands there; down to a part of e^-2 at half the frame's
/// shorter side. The main face is the one of the largest.
double prominence(const cv::Rect2f& box, cv::Size frame);

/// Whether the first of the faces of a photo, by descending prominence, is clearly the one that is
/// meant. It is not where another that the frame does not cut is nearly as large: then being in the
/// middle says little.
bool has_clear_main_face(const std::vector<Face>& faces, cv::Size frame);

/// A photo the way up in which the faces stand.
struct UprightPhoto {
  cv::Mat picture;          ///< CV_8UC3, BGR
  Orientation turn = 1;     ///< what was done to it: 1, 3, 6 or 8, see image/orientation.h
  std::vector<Face> faces;  ///< by descending prominence(), pixels of `picture`
};

/// All stages for still images: detect, locate landmarks, align, measure quality, represent.
/// Not for two threads at once.
class Recognizer {
 public:
  /// Loads detector, landmarker and embedder. Throws Error as their loading does.
  explicit Recognizer(const RecognizerOptions& options);

  /// Faces of a frame by descending prominence(), so the main one first.
  std::vector<Face> detect(const FrameView& frame);

  /// Faces of a photo that may lie on a side or upside down. A detector may find those too, with
  /// landmarks as if they were upright; so each of the four turns is looked at, and the photo is
  /// turned where the surest face of another turn is clearly surer. As it is where
  /// facerec-landmarks, which judges that, is not installed.
  UprightPhoto detect_upright(const cv::Mat& photo);

  /// The faces, in their order, with landmarks, quality and alignment.
  std::vector<RecognizedFace> align(const FrameView& frame, std::vector<Face> faces);

  /// Adds the embeddings of faces of the frame, those that are aligned.
  void embed(const FrameView& frame, const std::vector<RecognizedFace*>& faces);

  /// The faces, in their order, with what both add.
  std::vector<RecognizedFace> represent(const FrameView& frame, std::vector<Face> faces);

  const Profile& detector_profile() const { return detector_profile_; }
  const Profile& profile() const { return embedder_->profile(); }
  const std::string& fingerprint() const { return embedder_->fingerprint(options_.mask); }

 private:
  std::vector<Face> detect(const FrameView& frame, const DetectOptions& options);
  Orientation upright_turn(const cv::Mat& photo);

  RecognizerOptions options_;
  Profile detector_profile_;
  std::unique_ptr<Detector> detector_;
  LandmarkStage landmarks_;
  Sampler sampler_;
  std::unique_ptr<Landmarker> judge_;  ///< of what stands upright; made when it is needed
  std::unique_ptr<Embedder> embedder_;
};

}  // namespace facerec
