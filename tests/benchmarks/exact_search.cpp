// SPDX-License-Identifier: LGPL-2.1-or-later

// Exact search of a gallery's vectors on one core, for one face and for twenty of a frame, beside
// OpenCV's batchDistance, Faiss's flat index where it was there at build time, and a plain read of
// the same memory, which nothing that looks at every vector can be faster than.
//
//     exact_search [TEMPLATES]

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <opencv2/core.hpp>

#include "match/template_vectors.h"
#include "match/vector_math.h"

#ifdef HAVE_FAISS
#include <faiss/IndexFlat.h>
#include <omp.h>
#endif

namespace {

constexpr int dimension = 128, frame_faces = 20, runs = 7;

/// Milliseconds of the fastest of several runs.
double best_of(const std::function<void()>& run) {
  using Clock = std::chrono::steady_clock;
  double best = 1e9;
  for (int i = 0; i < runs; ++i) {
    const auto begin = Clock::now();
    run();
    best = std::min(best, std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
  }
  return best;
}

cv::Mat unit_rows(int count, int seed) {
  cv::Mat rows(count, dimension, CV_32F);
  cv::RNG(seed).fill(rows, cv::RNG::NORMAL, 0, 1);
  for (int i = 0; i < count; ++i) cv::normalize(rows.row(i), rows.row(i));
  return rows;
}

void print(const char* what, double one, double frame, double plain) {
  std::printf(
      "%-28s %8.2f ms %6.2f %8.2f ms a frame of %d, %.2f a face, %.1f times as fast as one by "
      "one\n",
      what, one, one / plain, frame, frame_faces, frame / frame_faces, one * frame_faces / frame);
}

}  // namespace

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 500'000;
  cv::setNumThreads(1);
  const cv::Mat rows = unit_rows(count, 1);
  const cv::Mat probes = unit_rows(frame_faces, 2);

  volatile float sink = 0;
  const double plain = best_of([&] {
    // Eight sums, so that adding does not wait for itself.
    float sums[8 * 16] = {};
    const auto* values = rows.ptr<float>();
    const std::size_t total = rows.total() / std::size(sums) * std::size(sums);
    for (std::size_t i = 0; i < total; i += std::size(sums)) {
      for (std::size_t j = 0; j < std::size(sums); ++j) sums[j] += values[i + j];
    }
    for (const float sum : sums) sink = sink + sum;
  });
  std::printf("%d templates of %d values, one core, %s; a plain read takes %.2f ms (%.1f GB/s)\n",
              count, dimension, facerec::vector_math().name, plain,
              static_cast<double>(rows.total()) * 4 / plain / 1e6);
  std::printf("%-28s %11s %6s\n", "", "one face", "reads");

  facerec::TemplateVectors vectors(dimension);
  for (int i = 0; i < count; ++i) vectors.add(rows.ptr<float>(i), i);
  const auto* first = probes.ptr<float>();
  const std::vector<float> one(first, first + dimension);
  const std::vector<float> frame(first, first + probes.total());
  print("gst-facerec", best_of([&] { vectors.nearest(one, 2); }),
        best_of([&] { vectors.nearest(frame, 2); }), plain);

  cv::Mat distances;
  const auto batch_distance = [&](const cv::Mat& wanted) {
    return best_of(
        [&] { cv::batchDistance(rows, wanted, distances, CV_32F, cv::noArray(), cv::NORM_L2SQR); });
  };
  print("OpenCV batchDistance", batch_distance(probes.row(0)), batch_distance(probes), plain);

#ifdef HAVE_FAISS
  omp_set_num_threads(1);
  faiss::IndexFlatL2 flat(dimension);
  flat.add(count, rows.ptr<float>());
  std::vector<float> near(2 * frame_faces);
  std::vector<std::int64_t> labels(2 * frame_faces);
  const auto search_flat = [&](int faces) {
    return best_of([&] { flat.search(faces, first, 2, near.data(), labels.data()); });
  };
  print("Faiss flat", search_flat(1), search_flat(frame_faces), plain);
#else
  std::puts("Faiss flat: libfaiss-dev was not there at build time");
#endif
}
