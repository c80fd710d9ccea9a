// SPDX-License-Identifier: LGPL-2.1-or-later

#include "benchmark_detectors.h"

#include "../error.h"
#include "present_models.h"

namespace facerec::cli {

std::vector<DetectorTime> time_detectors(const std::vector<cv::Mat>& clip,
                                         const EngineOptions& engine, const DetectOptions& options,
                                         double seconds) {
  std::vector<Model> models = present_models(Role::Detector);
  Measurements measurements(seconds, models.size());
  std::vector<DetectorTime> times;
  for (Model& model : models) {
    model.engine = engine;
    try {
      const auto detector = make_detector(model);
      std::size_t frames = 0, faces = 0;
      const Timing timing = measurements.next([&] {
        faces += detector->detect(view_of(clip[frames++ % clip.size()]), options).size();
      });
      times.push_back(
          {model.profile.name, timing, static_cast<double>(faces) / static_cast<double>(frames)});
    } catch (const Error& error) {
      // A method that the build is without.
      if (error.code() != ErrorCode::Settings)
        measurements.note(model.profile.name + " is left out: " + error.what());
      measurements.pass();
    }
  }
  return times;
}

}  // namespace facerec::cli
