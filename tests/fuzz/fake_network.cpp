// SPDX-License-Identifier: LGPL-2.1-or-later

#include "fake_network.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>

#include "align/align.h"
#include "align/landmarker.h"
#include "align/mask.h"
#include "align/quality.h"
#include "align/template.h"
#include "detect/detector.h"
#include "embed/embedder.h"
#include "engine/backend.h"
#include "error.h"
#include "sampling.h"

namespace {

using Shape = std::vector<int>;

FuzzedDataProvider* values = nullptr;

/// What a network of a method returns.
struct Outputs {
  const char* method;  ///< empty = every embedder
  Shape (*shape)(const std::string& output, const facerec::Profile& profile, cv::Size input);
};

Shape yunet_shape(const std::string& output, const facerec::Profile&, cv::Size input) {
  const std::size_t end = output.find('_');
  const int stride = std::stoi(output.substr(end + 1));
  const std::string field = output.substr(0, end);
  const int numbers = field == "bbox" ? 4 : field == "kps" ? 10 : 1;
  return {1, input.width / stride * (input.height / stride), numbers};
}

Shape mtcnn_shape(const std::string& output, const facerec::Profile& profile, cv::Size input) {
  const int numbers = output == "prob1" ? 2 : output == "conv6-3" ? 10 : 4;
  if (profile.input.width > 12) return {1, numbers};
  return {1, numbers, std::max(1, input.height / 2 - 5), std::max(1, input.width / 2 - 5)};
}

const Outputs methods[] = {
    {"facerec-detect",
     [](const auto& output, const auto&, auto input) {
       const int stride = std::stoi(output.substr(std::strlen("stride")));
       return Shape{1, 15, input.height / stride, input.width / stride};
     }},
    {"yunet", yunet_shape},
    {"mtcnn", mtcnn_shape},
    {"ssd",
     [](const auto&, const auto&, auto) {
       return Shape{1, 1, 20, 7};
     }},
    {"rfb",
     [](const auto& output, const auto&, auto) {
       return Shape{1, 300, output == "scores" ? 2 : 4};
     }},
    {"landmarks68",
     [](const auto&, const auto&, auto) {
       return Shape{1, 136};
     }},
    {"landmarks5",
     [](const auto& output, const auto&, auto) {
       return Shape{1, output == "points" ? 10 : 1};
     }},
    {"",
     [](const auto&, const facerec::Profile& profile, auto) {
       return Shape{1, profile.dimension};
     }},
};

/// A number as networks give them, and as they should not.
float number(FuzzedDataProvider& source) {
  constexpr float odd[] = {0.F,
                           1.F,
                           -1.F,
                           1e9F,
                           -1e9F,
                           1e-30F,
                           std::numeric_limits<float>::max(),
                           std::numeric_limits<float>::infinity(),
                           -std::numeric_limits<float>::infinity(),
                           std::numeric_limits<float>::quiet_NaN()};
  switch (source.ConsumeIntegralInRange(0, 3)) {
    case 0:
      return source.PickValueInArray(odd);
    case 1: {
      const auto bits = source.ConsumeIntegral<std::uint32_t>();
      float value = 0;
      std::memcpy(&value, &bits, sizeof value);
      return value;
    }
    default:
      return source.ConsumeFloatingPointInRange<float>(-0.5F, 1.5F);
  }
}

/// Another file than the one that was loaded first may give another shape.
void distort(Shape& shape, FuzzedDataProvider& source) {
  const auto side = source.ConsumeIntegralInRange<std::size_t>(0, shape.size() - 1);
  switch (source.ConsumeIntegralInRange(0, 3)) {
    case 0:
      shape.at(side) = source.ConsumeIntegralInRange(1, 400);
      break;
    case 1:
      shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(side), 1);
      break;
    case 2:
      if (shape.size() > 2) shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(side));
      break;
    default:
      std::swap(shape.at(side), shape.front());
  }
}

cv::Mat tensor(const std::string& output, const facerec::Profile& profile, cv::Size input) {
  const auto row =
      std::find_if(std::begin(methods), std::end(methods), [&](const Outputs& candidate) {
        return !*candidate.method ||
               (profile.role != facerec::Role::Embedder && profile.method == candidate.method);
      });
  Shape shape = row->shape(output, profile, input);
  if (values && values->ConsumeIntegralInRange(0, 15) == 1) distort(shape, *values);
  cv::Mat result(shape, CV_32F, cv::Scalar(0));
  if (!values || result.total() == 0) return result;
  auto* numbers = result.ptr<float>();
  if (values->ConsumeBool()) std::fill_n(numbers, result.total(), number(*values));
  for (int left = values->ConsumeIntegralInRange(0, 200); left > 0; --left) {
    if (values->remaining_bytes() == 0) break;
    numbers[values->ConsumeIntegralInRange<std::size_t>(0, result.total() - 1)] = number(*values);
  }
  return result;
}

class FuzzedBackend : public facerec::Backend {
 public:
  explicit FuzzedBackend(facerec::Profile profile) : profile_(std::move(profile)) {}

  std::vector<std::string> output_names() const override { return {"output"}; }
  bool has_output(const std::string& /*name*/) const override { return true; }

  void forward(const cv::Mat& blob, const std::vector<std::string>& outputs,
               std::vector<cv::Mat>& results) override {
    results.clear();
    for (const std::string& name : outputs)
      results.push_back(tensor(name, profile_, {blob.size[3], blob.size[2]}));
  }

 private:
  facerec::Profile profile_;
};

void require(bool kept) {
  if (!kept) std::abort();
}

bool is_finite(const facerec::Landmarks& landmarks) {
  return std::all_of(
      landmarks.points.begin(), landmarks.points.end(),
      [](const cv::Point2f& point) { return std::isfinite(point.x) && std::isfinite(point.y); });
}

void check(const facerec::Face& face, const facerec::FrameView& frame) {
  require(face.box.area() > 0 && face.box.x >= 0 && face.box.y >= 0);
  require(face.box.x + face.box.width <= static_cast<float>(frame.width) + 0.01F &&
          face.box.y + face.box.height <= static_cast<float>(frame.height) + 0.01F);
  require(face.confidence >= 0 && face.confidence <= 1);
  require(is_finite(face.landmarks));
  require(static_cast<int>(face.landmarks.points.size()) ==
          facerec::point_count(face.landmarks.scheme));
}

/// What the stages behind a detector make of a face.
void pass_on(const facerec::Face& face, const facerec::FrameView& frame) {
  facerec::Sampler sampler;
  for (const std::string& name : facerec::template_names()) {
    auto alignment = facerec::align(face, name, {112, 112}, 0.1);
    if (!alignment) continue;
    cv::Mat picture = sampler.warp_to_bgr(frame, alignment->transform, alignment->size);
    if (const auto masked = facerec::masked(*alignment, face.landmarks))
      facerec::apply_mask(picture, masked->mask);
  }
  facerec::measure_quality(frame, face, sampler);
}

void detect(const facerec::Model& model, const facerec::FrameView& frame,
            FuzzedDataProvider& source) {
  const auto detector = facerec::make_detector(model);
  facerec::DetectOptions options;
  options.threshold = source.PickValueInArray({0.F, 0.01F, 0.9F, 1.F});
  options.min_size = source.PickValueInArray({0, 20});
  options.max_faces = source.PickValueInArray({0, 1, 3});
  options.detect_size = source.PickValueInArray({0, 1, 64, 200});
  options.tiles = source.PickValueInArray({1, 2, 3});
  set_network_source(&source);
  for (const facerec::Face& face : detector->detect(frame, options)) {
    check(face, frame);
    pass_on(face, frame);
  }
}

void locate(const facerec::Model& model, const facerec::FrameView& frame,
            FuzzedDataProvider& source) {
  const auto landmarker = facerec::make_landmarker(model);
  facerec::Face face;
  for (float* edge : {&face.box.x, &face.box.y, &face.box.width, &face.box.height})
    *edge = source.ConsumeFloatingPointInRange<float>(0, 200);
  face.box = facerec::clip(face.box, frame.size());
  set_network_source(&source);
  face.landmarks = landmarker->locate(frame, face.box);
  require(is_finite(face.landmarks));
  pass_on(face, frame);
}

void embed(const facerec::Model& model, const facerec::FrameView& frame,
           FuzzedDataProvider& source) {
  facerec::Embedder embedder(model);
  facerec::Face face;
  face.box = {10, 10, 50, 60};
  face.landmarks = {facerec::LandmarkScheme::Five,
                    {{20, 30}, {45, 30}, {32, 45}, {25, 60}, {40, 60}}};
  const facerec::Profile& profile = embedder.profile();
  const auto alignment = facerec::align(face, profile.template_name, profile.input, profile.margin);
  if (!alignment) return;
  set_network_source(&source);
  for (const facerec::Embedding& embedding :
       embedder.embed(frame, {*alignment, *alignment, *alignment})) {
    require(static_cast<int>(embedding.values.size()) == profile.dimension);
    for (const float value : embedding.values) require(std::isfinite(value));
  }
}

}  // namespace

void set_network_source(FuzzedDataProvider* source) {
  values = source;
}

void exercise(const facerec::Profile& profile, FuzzedDataProvider& source) {
  set_network_source(nullptr);
  facerec::Model model;
  model.profile = profile;
  for (const facerec::ModelFile& file : profile.files) model.files.emplace_back(file.name);
  const cv::Mat frame(source.ConsumeIntegralInRange(1, 200), source.ConsumeIntegralInRange(1, 200),
                      CV_8UC3, cv::Scalar(90, 120, 150));
  const facerec::FrameView view = facerec::view_of(frame);
  try {
    switch (profile.role) {
      case facerec::Role::Detector:
        return detect(model, view, source);
      case facerec::Role::Landmarker:
        return locate(model, view, source);
      case facerec::Role::Embedder:
        return embed(model, view, source);
    }
  } catch (const facerec::Error&) {
  }
}

namespace facerec {

std::vector<std::string> engine_names() {
  return {"fuzzer"};
}

std::unique_ptr<Backend> make_backend(const Model& model) {
  return std::make_unique<FuzzedBackend>(model.profile);
}

}  // namespace facerec
