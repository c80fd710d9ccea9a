// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <random>
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

/// So many values from a normal distribution.
template <typename Random>
std::vector<float> random_values(Random& random, int count) {
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

/// How the templates' model is used.
inline facerec::Profile test_profile(int dimension) {
  facerec::Profile profile;
  profile.name = "test";
  profile.role = facerec::Role::Embedder;
  profile.input = {64, 48};
  profile.files.resize(1);
  profile.files[0].name = "test.onnx";
  profile.template_name = "dlib";
  profile.dimension = dimension;
  profile.thresholds["cosine"] = {0.25, "measured"};
  return profile;
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
