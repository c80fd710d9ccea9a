// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <opencv2/core.hpp>
#include <random>
#include <string>
#include <vector>

#include "model_fixtures.h"

/// A network of random weights that takes RGB or BGR pictures of one size and returns a vector:
/// each tile of the picture times some filters, all of that times a matrix. Written as ONNX, in
/// protobuf's wire format by hand, so that no library is needed; and computed by `expected`, which
/// shares nothing with it but the weights.
class RandomNetwork {
 public:
  RandomNetwork(cv::Size input, int dimension, std::string output = "embedding")
      : input_(input),
        tile_(tile_of(input.width), tile_of(input.height)),
        dimension_(dimension),
        output_(std::move(output)) {
    std::mt19937 random(static_cast<unsigned>(input.area() + dimension));
    std::uniform_real_distribution<float> uniform(-1, 1);
    filters_.resize(static_cast<std::size_t>(filter_count) * 3 * tile_.area());
    for (float& weight : filters_) weight = uniform(random) / 64;
    matrix_.resize(static_cast<std::size_t>(dimension) * features());
    for (float& weight : matrix_) weight = uniform(random) / 16;
  }

  void write(const std::filesystem::path& file) const {
    const std::string graph =
        bytes(1, node("Conv", {"input", "filters"}, "tiles",
                      integers("kernel_shape", {tile_.height, tile_.width}) +
                          integers("strides", {tile_.height, tile_.width}))) +
        bytes(1, node("Flatten", {"tiles"}, "features", integer("axis", 1))) +
        bytes(1, node("Gemm", {"features", "matrix"}, output_, integer("transB", 1))) +
        bytes(2, "random") +
        bytes(5, tensor("filters", {filter_count, 3, tile_.height, tile_.width}, filters_)) +
        bytes(5, tensor("matrix", {dimension_, features()}, matrix_)) +
        bytes(11, value("input", {1, 3, input_.height, input_.width})) +
        bytes(12, value(output_, {1, dimension_}));
    const std::string operators = bytes(1, "") + number(2, 11);
    write_file(file, number(1, 6) + bytes(7, graph) + bytes(8, operators));
  }

  /// What it returns for one prepared picture: channels, rows, columns.
  std::vector<double> expected(const std::vector<float>& blob) const {
    std::vector<double> tiles;
    for (int filter = 0; filter < filter_count; ++filter) {
      for (int top = 0; top < input_.height; top += tile_.height) {
        for (int left = 0; left < input_.width; left += tile_.width) {
          const float* weight = &filters_[static_cast<std::size_t>(filter) * 3 * tile_.area()];
          double sum = 0;
          for (int channel = 0; channel < 3; ++channel) {
            for (int y = top; y < top + tile_.height; ++y) {
              for (int x = left; x < left + tile_.width; ++x)
                sum += *weight++ * blob.at((channel * input_.height + y) * input_.width + x);
            }
          }
          tiles.push_back(sum);
        }
      }
    }
    std::vector<double> result(dimension_, 0.);
    for (int i = 0; i < dimension_; ++i) {
      for (std::size_t j = 0; j < tiles.size(); ++j)
        result[i] += matrix_[i * tiles.size() + j] * tiles[j];
    }
    return result;
  }

 private:
  static constexpr int filter_count = 2;

  /// The largest divisor up to 16; the whole side where there is none.
  static int tile_of(int side) {
    for (int tile = 16; tile > 1; --tile) {
      if (side % tile == 0) return tile;
    }
    return side;
  }

  int features() const { return filter_count * input_.area() / tile_.area(); }

  // Protobuf's wire format: a key of field number and kind, then a varint or length and bytes.

  static std::string varint(std::uint64_t value) {
    std::string text;
    for (; value >= 0x80; value >>= 7) text += static_cast<char>(value | 0x80);
    return text + static_cast<char>(value);
  }
  static std::string number(int field, std::uint64_t value) {
    return varint(static_cast<std::uint64_t>(field) << 3) + varint(value);
  }
  static std::string bytes(int field, const std::string& content) {
    return varint(static_cast<std::uint64_t>(field) << 3 | 2) + varint(content.size()) + content;
  }

  // Messages of ONNX (onnx.proto); the numbers are its fields.

  static std::string integer(const std::string& name, int value) {
    return bytes(5, bytes(1, name) + number(3, value) + number(20, 2));
  }
  static std::string integers(const std::string& name, const std::vector<int>& values) {
    std::string attribute = bytes(1, name);
    for (const int value : values) attribute += number(8, value);
    return bytes(5, attribute + number(20, 7));
  }
  static std::string node(const std::string& kind, const std::vector<std::string>& inputs,
                          const std::string& output, const std::string& attributes) {
    std::string text;
    for (const std::string& input : inputs) text += bytes(1, input);
    return text + bytes(2, output) + bytes(4, kind) + attributes;
  }
  static std::string tensor(const std::string& name, const std::vector<int>& shape,
                            const std::vector<float>& values) {
    std::string text;
    for (const int side : shape) text += number(1, side);
    std::string raw(values.size() * sizeof(float), '\0');
    std::memcpy(raw.data(), values.data(), raw.size());
    return text + number(2, 1) + bytes(8, name) + bytes(9, raw);
  }
  static std::string value(const std::string& name, const std::vector<int>& shape) {
    std::string sides;
    for (const int side : shape) sides += bytes(1, number(1, side));
    return bytes(1, name) + bytes(2, bytes(1, number(1, 1) + bytes(2, sides)));
  }

  cv::Size input_;
  cv::Size tile_;
  int dimension_;
  std::string output_;
  std::vector<float> filters_;
  std::vector<float> matrix_;
};
