// SPDX-License-Identifier: LGPL-2.1-or-later

// Detecting, aligning and representing ask for no memory of a picture's size once they have seen
// such frames. The networks are left out: tests/fakes/backend.cpp answers in their place.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "align/align.h"
#include "align/landmark_stage.h"
#include "align/quality.h"
#include "detect/detector.h"
#include "embed/embedder.h"
#include "frame_painter.h"
#include "track/scene_cut.h"

namespace {

/// Bytes. The tables that cv::warpAffine() makes of the coordinates of 64x64 pixels are smaller,
/// whatever the picture's size.
constexpr std::size_t least = 16385;
std::atomic<int> allocations{0};

/// Counts what pictures ask for, in OpenCV too.
class CountingAllocator : public cv::MatAllocator {
 public:
  cv::UMatData* allocate(int dims, const int* sizes, int type, void* data, std::size_t* step,
                         cv::AccessFlag flags, cv::UMatUsageFlags usage) const override {
    cv::UMatData* memory = standard_->allocate(dims, sizes, type, data, step, flags, usage);
    if (memory->size >= least) ++allocations;
    return memory;
  }
  bool allocate(cv::UMatData* memory, cv::AccessFlag flags,
                cv::UMatUsageFlags usage) const override {
    return standard_->allocate(memory, flags, usage);
  }
  void deallocate(cv::UMatData* memory) const override { standard_->deallocate(memory); }

 private:
  cv::MatAllocator* standard_ = cv::Mat::getStdAllocator();
};

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  if (size >= least) ++allocations;
  return std::malloc(size > 0 ? size : 1);
}
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (void* memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}

namespace facerec {
namespace {

class PictureMemory : public testing::TestWithParam<const char*> {};

TEST_P(PictureMemory, IsThatOfTheFirstFrames) {
  const char* root = std::getenv("FACEREC_SOURCE_ROOT");
  ASSERT_NE(root, nullptr) << "set by meson test";
  setenv("FACEREC_MODEL_PATH", (std::string(root) + "/models").c_str(), 1);
  cv::setNumThreads(1);
  CountingAllocator counting;
  cv::Mat::setDefaultAllocator(&counting);

  {
    const auto frame = test::paint(test::test_picture({1280, 720}), test::format_of(GetParam()));
    const auto detector = make_detector(find_model("facerec-detect", Role::Detector));
    LandmarkStage landmarks("facerec-landmarks", false);
    Embedder embedder(find_model("facerec-embed", Role::Embedder));
    Sampler sampler;
    SceneCut scene_cut;
    int asked = 0;
    for (int i = 0; i < 10; ++i) {
      const int before = allocations;
      scene_cut.is_cut(frame.view());
      std::vector<Face> faces = detector->detect(frame.view(), {});
      ASSERT_EQ(faces.size(), 1U);
      landmarks.place(frame.view(), faces[0]);
      measure_quality(frame.view(), faces[0], sampler);
      const Profile& profile = embedder.profile();
      embedder.embed(frame.view(), {*align(faces[0], profile.template_name, profile.input, 0)});
      if (i >= 2) asked += allocations - before;
    }
    EXPECT_GT(allocations, 0) << "they are counted";
    EXPECT_EQ(asked, 0);
  }
  cv::Mat::setDefaultAllocator(nullptr);
}

INSTANTIATE_TEST_SUITE_P(Formats, PictureMemory,
                         testing::Values("NV12", "I420", "YUY2", "BGR", "P010_10LE", "GRAY8"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace facerec
