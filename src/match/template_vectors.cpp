// SPDX-License-Identifier: LGPL-2.1-or-later

#include "template_vectors.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <opencv2/core.hpp>
#include <set>

#include "vector_math.h"

namespace facerec {

namespace {

constexpr int chunk_rows = 1024;
constexpr std::size_t most_products = std::size_t{most_probes} * block_lanes;
constexpr std::size_t products_alignment = sizeof(float) * block_lanes;
constexpr float never = std::numeric_limits<float>::infinity();

/// Relative error of one of so many additions, at most.
constexpr double rounding = std::numeric_limits<float>::epsilon();

}  // namespace

struct TemplateVectors::Chunk {
  explicit Chunk(int dimension) : values(cv::Mat::zeros(chunk_rows, dimension, CV_32F)) {
    half_square.fill(never);
    owner.fill(-1);
  }
  Chunk(const Chunk& other)
      : values(other.values.clone()),
        half_square(other.half_square),
        owner(other.owner),
        id(other.id) {}

  float* block(int index) { return values.ptr<float>(index * block_lanes); }
  const float* block(int index) const { return values.ptr<float>(index * block_lanes); }
  /// Where the row's first value is; the next ones are block_lanes apart.
  float* first(int row) { return block(row / block_lanes) + row % block_lanes; }
  const float* first(int row) const { return block(row / block_lanes) + row % block_lanes; }

  cv::Mat values;                               ///< blocks, see vector_math.h; aligned by OpenCV
  std::array<float, chunk_rows> half_square{};  ///< of the length; infinite for what is never near
  std::array<int, chunk_rows> owner{};          ///< -1 = removed
  std::array<std::int64_t, chunk_rows> id{};
};

const TemplateVectors::Chunk& TemplateVectors::chunk(int row) const {
  return *chunks_[static_cast<std::size_t>(row) / chunk_rows];
}

TemplateVectors::Chunk& TemplateVectors::edit(int row) {
  std::shared_ptr<Chunk>& chunk = chunks_[static_cast<std::size_t>(row) / chunk_rows];
  if (chunk.use_count() > 1) chunk = std::make_shared<Chunk>(*chunk);
  return *chunk;
}

int TemplateVectors::add(const float* values, int owner, std::int64_t id) {
  int row = rows_;
  if (free_.empty()) {
    if (rows_ % chunk_rows == 0) chunks_.push_back(std::make_shared<Chunk>(dimension_));
    ++rows_;
  } else {
    row = free_.back();
    free_.pop_back();
  }
  Chunk& chunk = edit(row);
  float* lane = chunk.first(row % chunk_rows);
  double square = 0;
  for (int i = 0; i < dimension_; ++i) {
    lane[static_cast<std::ptrdiff_t>(i) * block_lanes] = values[i];
    square += static_cast<double>(values[i]) * values[i];
  }
  if (std::isfinite(square)) {
    longest_ = std::max(longest_, std::sqrt(square));
  } else {
    for (int i = 0; i < dimension_; ++i) lane[static_cast<std::ptrdiff_t>(i) * block_lanes] = 0;
    square = never;
  }
  chunk.half_square.at(row % chunk_rows) = static_cast<float>(square / 2);
  chunk.owner.at(row % chunk_rows) = owner;
  chunk.id.at(row % chunk_rows) = id;
  return row;
}

void TemplateVectors::remove(int row) {
  Chunk& chunk = edit(row);
  chunk.half_square.at(row % chunk_rows) = never;
  chunk.owner.at(row % chunk_rows) = -1;
  free_.push_back(row);
}

std::int64_t TemplateVectors::id(int row) const {
  return chunk(row).id.at(row % chunk_rows);
}

int TemplateVectors::owner(int row) const {
  return row < rows_ ? chunk(row).owner.at(row % chunk_rows) : -1;
}

bool TemplateVectors::is_searched(int row) const {
  return chunk(row).half_square.at(row % chunk_rows) < never;
}

void TemplateVectors::copy(int row, float* values) const {
  const float* lane = chunk(row).first(row % chunk_rows);
  for (int i = 0; i < dimension_; ++i)
    values[i] = lane[static_cast<std::ptrdiff_t>(i) * block_lanes];
}

double TemplateVectors::squared_distance(int row, const float* values, std::ptrdiff_t step) const {
  if (!is_searched(row)) return NAN;
  const float* lane = chunk(row).first(row % chunk_rows);
  double sum = 0;
  for (std::ptrdiff_t i = 0; i < dimension_; ++i) {
    const double difference = lane[i * block_lanes] - values[i * step];
    sum += difference * difference;
  }
  return sum;
}

double TemplateVectors::squared_distance(int row, int other) const {
  if (!is_searched(other)) return NAN;
  return squared_distance(row, chunk(other).first(other % chunk_rows), block_lanes);
}

/// What one probe has met so far.
struct TemplateVectors::Best {
  struct Ranked {
    float rank;
    int owner;
  };
  struct Candidate {
    float rank;
    int row, owner;
  };

  Best(std::size_t count, float error) : most(count), margin(error) {}

  /// `rank` is below the limit.
  void meet(float rank, int row, int owner) {
    candidates.push_back({rank, row, owner});
    const auto known = std::find_if(owners.begin(), owners.end(),
                                    [&](const Ranked& other) { return other.owner == owner; });
    if (known != owners.end()) {
      if (known->rank <= rank) return;
      owners.erase(known);
    }
    const auto place = std::find_if(owners.begin(), owners.end(),
                                    [&](const Ranked& other) { return rank < other.rank; });
    owners.insert(place, {rank, owner});
    if (owners.size() > most) owners.pop_back();
    if (owners.size() == most) limit = owners.back().rank + margin;
  }

  std::size_t most;
  float margin;                ///< by which rounding may have changed the order of two
  float limit = never;         ///< of ranks that may still count
  std::vector<Ranked> owners;  ///< the best, best first
  std::vector<Candidate> candidates;
};

namespace {

/// Of each owner the nearest, and of those the nearest ones in order.
void keep_nearest(std::vector<TemplateVectors::Near>& near, std::size_t most) {
  using Near = TemplateVectors::Near;
  std::sort(near.begin(), near.end(), [](const Near& a, const Near& b) {
    return a.owner != b.owner ? a.owner < b.owner : a.squared < b.squared;
  });
  near.erase(std::unique(near.begin(), near.end(),
                         [](const Near& a, const Near& b) { return a.owner == b.owner; }),
             near.end());
  std::stable_sort(near.begin(), near.end(),
                   [](const Near& a, const Near& b) { return a.squared < b.squared; });
  if (near.size() > most) near.resize(most);
}

}  // namespace

std::vector<std::vector<TemplateVectors::Near>> TemplateVectors::nearest(
    const std::vector<float>& probes, std::size_t most) const {
  if (dimension_ == 0 || most == 0) return {};
  const auto length = static_cast<std::size_t>(dimension_);
  const std::size_t count = probes.size() / length;
  std::vector<Best> best;
  for (std::size_t p = 0; p < count; ++p) {
    const cv::Mat probe(1, dimension_, CV_32F, const_cast<float*>(probes.data() + p * length));
    const double reach = std::max(cv::norm(probe), longest_);
    best.emplace_back(most, static_cast<float>(rounding * (dimension_ + 2) * reach * reach));
  }

  const VectorMath& math = vector_math();
  const auto at_once = static_cast<std::size_t>(math.probes);
  alignas(products_alignment) std::array<float, most_products> products;
  for (int row = 0; row < rows_; row += block_lanes) {
    const Chunk& chunk = this->chunk(row);
    const int in_chunk = row % chunk_rows;
    const float* block = chunk.block(in_chunk / block_lanes);
    const float* half_square = &chunk.half_square.at(in_chunk);
    for (std::size_t p = 0; p < count;) {
      const std::size_t taken = p + at_once <= count ? at_once : 1;
      (taken > 1 ? math.products : math.products_of_one)(block, dimension_, &probes[p * length],
                                                         products.data());
      for (std::size_t i = 0; i < taken; ++i, ++p) {
        Best& of_probe = best[p];
        const float* product = &products[i * static_cast<std::size_t>(block_lanes)];
        // Most blocks hold nobody who is near, which this tells at once.
        int any = 0;
        for (int lane = 0; lane < block_lanes; ++lane) {
          any |= static_cast<int>(half_square[lane] - product[lane] < of_probe.limit);
        }
        if (any == 0) continue;
        for (int lane = 0; lane < block_lanes; ++lane) {
          const float rank = half_square[lane] - product[lane];
          if (rank < of_probe.limit) {
            of_probe.meet(rank, row + lane, chunk.owner.at(in_chunk + lane));
          }
        }
      }
    }
  }

  std::vector<std::vector<Near>> result(count);
  for (std::size_t p = 0; p < count; ++p) {
    std::vector<Near>& near = result[p];
    for (const Best::Candidate& candidate : best[p].candidates) {
      if (candidate.rank > best[p].limit) continue;
      near.push_back(
          {candidate.owner, squared_distance(candidate.row, probes.data() + p * length)});
    }
    keep_nearest(near, most);
  }
  return result;
}

std::vector<TemplateVectors::Near> TemplateVectors::nearest_of(const std::vector<int>& rows,
                                                               bool in_order, const float* probe,
                                                               std::size_t most) const {
  // Some more than are asked for, since those that come after may be nearer by a rounding.
  constexpr std::size_t spare = 8;
  std::vector<Near> near;
  std::set<int> owners;
  std::size_t left = spare;
  for (const int row : rows) {
    const int of_row = owner(row);
    if (of_row < 0 || !is_searched(row)) continue;
    if (in_order && owners.size() >= most && left-- == 0) break;
    owners.insert(of_row);
    near.push_back({of_row, squared_distance(row, probe)});
  }
  keep_nearest(near, most);
  return near;
}

}  // namespace facerec
