// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>

#include "model_fixtures.h"
#include "random_network.h"

/// Expects that `make` refuses the model with one line that names one of its files.
template <typename Make>
void expect_refused(const facerec::Model& model, Make make, const std::string& what) {
  try {
    make(model);
    ADD_FAILURE() << model.profile.name << " took " << what;
  } catch (const facerec::Error& error) {
    const std::string text = error.what();
    EXPECT_TRUE(std::any_of(
        model.files.begin(), model.files.end(),
        [&](const auto& file) { return text.find(file.string()) != std::string::npos; }))
        << what << ": " << text;
    EXPECT_EQ(text.find('\n'), std::string::npos) << what << ": " << text;
    EXPECT_TRUE(error.code() == facerec::ErrorCode::Read ||
                error.code() == facerec::ErrorCode::Mismatch)
        << what << ": " << text;
  }
}

/// Expects that `make` refuses, in place of each of the model's files, an empty file, half of it
/// and files of other kinds, and in place of the first a network of another shape.
template <typename Make>
void expect_refusals(const facerec::Model& model, Make make) {
  const TemporaryFolder folder;
  facerec::Model damaged = model;
  for (std::size_t i = 0; i < model.files.size(); ++i) {
    const std::string whole = read_file(model.files[i]);
    const std::pair<const char*, std::string> contents[] = {
        {"an empty file", ""},
        {"half of the file", whole.substr(0, whole.size() / 2)},
        {"a text", "this is a text and not a network\n"},
        {"zeros", std::string(5000, '\0')}};
    const std::string name = model.files[i].filename().string();
    damaged.files = model.files;
    damaged.files[i] = folder / name;
    for (const auto& [what, content] : contents) {
      write_file(damaged.files[i], content);
      expect_refused(damaged, make, what + (" in place of " + name));
    }
  }

  damaged.files = model.files;
  damaged.files.front() = folder / "other.onnx";
  const facerec::Profile& profile = model.profile;
  RandomNetwork(profile.input, 37, profile.output.empty() ? "out" : profile.output)
      .write(damaged.files.front());
  expect_refused(damaged, make, "a network of another output");
  RandomNetwork({profile.input.width + 16, profile.input.height + 32},
                std::max(profile.dimension, 37))
      .write(damaged.files.front());
  expect_refused(damaged, make, "a network of another input");
}
