// SPDX-License-Identifier: LGPL-2.1-or-later

// The tracker asks for no memory once it has seen as many faces.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "track/tracker.h"

namespace {
std::atomic<int> allocations{0};
}

void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  ++allocations;
  return std::malloc(size > 0 ? size : 1);
}
void* operator new(std::size_t size) {
  if (void* memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}

namespace facerec {
namespace {

TEST(TrackerMemory, IsThatOfTheFirstFrames) {
  Tracker tracker;
  std::vector<Face> faces(10);
  const auto frame = [&](int number) {
    for (std::size_t i = 0; i < faces.size(); ++i) {
      const auto x = static_cast<float>(100 * i + number % 20);
      faces[i].box = {x, 50, 60, 70};
      faces[i].confidence = 0.9F;
      faces[i].landmarks = {LandmarkScheme::Eyes, {{x + 15, 70}, {x + 45, 70}}};
    }
  };
  const cv::Size size(1280, 720);
  for (int i = 0; i < 5; ++i) {
    frame(i);
    tracker.update(faces, size, i * 0.04, {});
  }
  int asked = 0;
  for (int i = 5; i < 100; ++i) {
    frame(i);
    const int before = allocations;
    const auto& sightings = tracker.update(faces, size, i * 0.04, {});
    asked += allocations - before;
    EXPECT_EQ(sightings[9].track, 9);
  }
  EXPECT_EQ(asked, 0);
}

}  // namespace
}  // namespace facerec
