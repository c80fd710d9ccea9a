// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <dlib/serialize.h>

#include <algorithm>
#include <string>

#include "error.h"
#include "model/catalog.h"

namespace facerec {

/// Reads into `object` what dlib wrote to the model's file. Throws Error (Read) that names the file
/// and says that it is not `what`.
template <typename Object>
void read_dlib_file(const Model& model, const std::string& what, Object& object) {
  const std::string file = model.files.front().string();
  try {
    dlib::deserialize(file) >> object;
  } catch (const std::exception& error) {
    std::string reason = error.what();
    std::replace(reason.begin(), reason.end(), '\n', ' ');
    throw Error(ErrorCode::Read, file + " is not " + what + " (" + reason +
                                     "): fetch it again with 'facerec models fetch " +
                                     model.profile.name + "'");
  }
}

}  // namespace facerec
