// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "face.h"

/// What a camera might have seen of somebody.
struct LfwShot {
  int photo = 0;             ///< of which it was made
  bool is_original = false;  ///< the photo itself
  float box_area = 0;        ///< pixels
  facerec::Quality quality;
  facerec::Embedding embedding;
};

struct LfwPerson {
  std::string name;
  std::vector<LfwShot> shots;
};

/// How many shots are made of each photo: FACEREC_LFW_VARIANTS, else 2, which takes three minutes
/// of one core.
int variants_of_a_photo();

/// The people of all folds with so many shots of each of their photos, seven at most, which are
/// smaller, dark, noisy, compressed and in half of the cases blurred by a movement; and with the
/// photos themselves where there are three or more. With YuNet and MobileFaceNet; what shows no
/// face is left out. The same with each call.
std::vector<LfwPerson> lfw_people(int variants);
