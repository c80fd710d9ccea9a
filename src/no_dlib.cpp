// SPDX-License-Identifier: LGPL-2.1-or-later

// Stands in for what needs dlib in a build without it.

#include "align/methods.h"
#include "detect/methods.h"
#include "error.h"

namespace facerec {
namespace {

[[noreturn]] void fail(const Model& model) {
  throw Error(ErrorCode::Settings,
              "model '" + model.profile.name +
                  "' needs dlib, which this build is without: install libdlib-dev, liblapack-dev "
                  "and libblas-dev, then build anew "
                  "(meson setup --reconfigure build && ninja -C build)");
}

}  // namespace

std::unique_ptr<Detector> make_dlib_hog(const Model& model) {
  fail(model);
}

std::unique_ptr<Detector> make_dlib_mmod(const Model& model) {
  fail(model);
}

std::unique_ptr<Landmarker> make_dlib68(const Model& model) {
  fail(model);
}

std::unique_ptr<Landmarker> make_dlib5(const Model& model) {
  fail(model);
}

}  // namespace facerec
