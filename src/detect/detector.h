// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "../face.h"
#include "../frame_view.h"
#include "../model/catalog.h"

namespace facerec {

/// May change from frame to frame. Zero means the method's default.
struct DetectOptions {
  float threshold = 0;  ///< least confidence, 0..1
  int min_size = 0;     ///< pixels of the frame, at least one: faces whose shorter side is smaller
                        ///< are dropped
  int max_faces = 0;    ///< keep the largest; 0 = all
  int detect_size = 0;  ///< longer side, in pixels, of the picture that the network sees
  int tiles = 1;        ///< a frame that is larger than that is also searched in up to tiles x
                        ///< tiles overlapping parts, which shows smaller faces; 1 = it is not
};

/// One way to find faces. Not for two threads at once.
class Detector {
 public:
  virtual ~Detector() = default;

  /// Faces by descending confidence; boxes clipped to the frame, finite, of a pixel at least.
  std::vector<Face> detect(const FrameView& frame, const DetectOptions& options);

  /// The least confidence where none is given.
  virtual float default_threshold() const = 0;

 private:
  friend std::unique_ptr<Detector> make_detector(const Model& model);

  /// Everything the method finds at or above `options.threshold` (never 0 here), unclipped.
  virtual std::vector<Face> find(const FrameView& frame, const DetectOptions& options) = 0;

  int picture_side_ = 0;  ///< longer side of the picture that the network sees by default
};

/// The detector of the model's method. Throws Error as the network's loading does, Settings where
/// no method has that name.
std::unique_ptr<Detector> make_detector(const Model& model);

/// Names of all methods of this build, for help texts.
std::vector<std::string> detector_methods();

}  // namespace facerec
