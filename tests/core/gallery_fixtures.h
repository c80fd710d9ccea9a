// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "error.h"
#include "match/gallery.h"

/// A template whose model has the name "test" and the fingerprint "f00d" unless said.
inline facerec::Template make_template(std::vector<float> values, const std::string& model = "test",
                                       const std::string& fingerprint = "f00d") {
  facerec::Template entry;
  entry.embedding = {model, fingerprint, std::move(values), false};
  entry.source = "photo.jpg";
  entry.time = 1700000000;
  return entry;
}

/// Runs `action`, which has to throw an Error of `code`; its text.
inline std::string error_of(facerec::ErrorCode code, const std::function<void()>& action) {
  try {
    action();
  } catch (const facerec::Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}
