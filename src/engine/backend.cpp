// SPDX-License-Identifier: LGPL-2.1-or-later

#include "backend.h"

#include "../error.h"
#include "onnxruntime_backend.h"
#include "opencv_backend.h"

namespace facerec {
namespace {

struct Engine {
  const char* name;
  bool (*is_built)();
  bool (*runs)(const Model& model);
  std::unique_ptr<Backend> (*make)(const Model& model);
};

/// By speed: on one core ONNX Runtime takes 0.4 to 0.7 of OpenCV's time.
const Engine engines[] = {
    {"onnxruntime", is_onnxruntime_built,
     [](const Model& model) { return model.files.at(0).extension() == ".onnx"; },
     make_onnxruntime_backend},
    {"opencv", [] { return true; }, [](const Model&) { return true; }, make_opencv_backend},
};

}  // namespace

std::vector<std::string> engine_names() {
  std::vector<std::string> names;
  for (const Engine& engine : engines) {
    if (engine.is_built()) names.emplace_back(engine.name);
  }
  return names;
}

std::unique_ptr<Backend> make_backend(const Model& model) {
  const std::string& wanted = model.engine.name;
  for (const Engine& engine : engines) {
    if (wanted == "auto" && engine.is_built() && engine.runs(model)) return engine.make(model);
    if (wanted != engine.name) continue;
    if (engine.runs(model)) return engine.make(model);
    throw Error(ErrorCode::Settings, "the engine " + wanted + " does not run " +
                                         model.files.front().string() +
                                         ": set the engine to auto or opencv");
  }
  throw Error(ErrorCode::Settings,
              "there is no engine '" + wanted + "': set it to auto, onnxruntime or opencv");
}

}  // namespace facerec
