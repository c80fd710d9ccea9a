// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>

#include "../face.h"
#include "../frame_view.h"
#include "../model/catalog.h"

namespace facerec {

/// Finds landmarks where the detector gave none. Not for two threads at once.
class Landmarker {
 public:
  virtual ~Landmarker() = default;

  /// What it finds.
  virtual LandmarkScheme scheme() const = 0;

  /// Landmarks of the face in `box` (pixels of the frame); scheme None where it sees none, or no
  /// face. A face that is turned in the plane is looked at again, upright.
  Landmarks locate(const FrameView& frame, const cv::Rect2f& box);

 private:
  /// As locate; one look at the box after it was turned about its middle, clockwise by `roll`
  /// degrees.
  virtual Landmarks look(const FrameView& frame, const cv::Rect2f& box, float roll) = 0;
};

/// Whether landmarks show a face that is turned in the plane by more than a few degrees. Those of a
/// detector may turn less than the face does, YuNet's by 12 of 30 degrees.
bool is_turned(const Landmarks& landmarks);

/// The landmarker of the model's method: "landmarks68" (a network that returns 68 points relative
/// to its input), "landmarks5" (five points, and how surely there is a face), "dlib-68", "dlib-5"
/// (dlib's shape predictors, the second for the two eyes alone) or "eyes" (Haar cascades of the
/// eyes). Throws Error as the loading does, Settings where no method has that name.
std::unique_ptr<Landmarker> make_landmarker(const Model& model);

}  // namespace facerec
