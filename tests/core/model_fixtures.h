// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "../../src/error.h"
#include "../../src/model/catalog.h"
#include "temporary_folder.h"

inline void write_file(const std::filesystem::path& file, const std::string& content) {
  std::ofstream(file, std::ios::binary) << content;
}

inline std::string read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Expects an Error of one sentence that holds each of `words`.
template <typename Action>
void expect_error(facerec::ErrorCode code, const std::vector<std::string>& words, Action action) {
  try {
    action();
    ADD_FAILURE() << "no error, expected one about " << (words.empty() ? "" : words.front());
  } catch (const facerec::Error& error) {
    const std::string text = error.what();
    EXPECT_EQ(error.code(), code) << text;
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    for (const std::string& word : words) {
      EXPECT_NE(text.find(word), std::string::npos) << "'" << word << "' is not in: " << text;
    }
  }
}

/// A Darknet network of one 1x1 convolution from three channels to `weights.size() / 3`, so that
/// its output is known: for each pixel, weights times the prepared channels.
inline facerec::Model write_convolution(const TemporaryFolder& folder,
                                        const std::vector<float>& weights, cv::Size input) {
  const std::size_t filters = weights.size() / 3;
  write_file(folder / "net.cfg",
             "[net]\nwidth=" + std::to_string(input.width) +
                 "\nheight=" + std::to_string(input.height) +
                 "\nchannels=3\n\n[convolutional]\nfilters=" + std::to_string(filters) +
                 "\nsize=1\nstride=1\npad=0\nactivation=linear\n");
  std::ofstream file(folder / "net.weights", std::ios::binary);
  const std::int32_t header[] = {0, 2, 0, 0, 0};  // version 0.2.0, pictures seen in 64 bits
  file.write(reinterpret_cast<const char*>(header), sizeof header);
  const std::vector<float> biases(filters, 0.F);
  for (const auto* values : {&biases, &weights}) {
    file.write(reinterpret_cast<const char*>(values->data()),
               static_cast<std::streamsize>(values->size() * sizeof(float)));
  }
  facerec::Model model;
  model.profile.name = "net";
  model.profile.input = input;
  model.profile.files = {{}, {}};
  model.files = {folder / "net.weights", folder / "net.cfg"};
  model.fingerprint = "f";
  return model;
}
