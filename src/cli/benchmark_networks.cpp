// SPDX-License-Identifier: LGPL-2.1-or-later

#include "benchmark_networks.h"

#include <algorithm>
#include <iterator>

#include "../engine/network.h"
#include "../error.h"
#include "present_models.h"

namespace facerec::cli {

namespace {

/// The others are no networks, or several.
bool is_one_network(const Model& model) {
  const std::string& method = model.profile.method;
  return method != "haar" && method != "eyes" && method != "mtcnn" && method.rfind("dlib", 0) != 0;
}

std::vector<Model> subjects(const EngineOptions& engine) {
  std::vector<Model> models;
  for (const Role role : {Role::Detector, Role::Landmarker, Role::Embedder}) {
    for (Model& model : present_models(role)) {
      if (!is_one_network(model)) continue;
      model.engine = engine;
      models.push_back(std::move(model));
    }
  }
  return models;
}

/// Computes all that the stages ask of it.
Network load(const Model& model) {
  if (model.profile.role == Role::Embedder) return Network(model);
  return Network(model, make_backend(model)->output_names());
}

/// The numbers that it returns.
std::size_t total(const std::vector<cv::Mat>& results) {
  std::size_t sum = 0;
  for (const cv::Mat& result : results) sum += result.total();
  return sum;
}

bool takes(Network& network, const std::vector<cv::Mat>& batch) {
  try {
    const std::size_t one = total(network.run(batch.front()));
    return total(network.run(batch)) == one * batch.size();
  } catch (const Error&) {
    return false;
  }
}

NetworkTimes time_batches(const Model& model, Measurements& measurements) {
  Network network = load(model);
  cv::Mat picture(model.profile.input, CV_8UC3);
  cv::randu(picture, 0, 256);
  NetworkTimes times{
      model.profile.name, model.profile.role, model.profile.input, model.engine.name, {}};
  for (const int size : batch_sizes) {
    const std::vector<cv::Mat> batch(size, picture);
    const bool is_asked = size == 1 || model.profile.role != Role::Detector;
    if (is_asked && (size == 1 || takes(network, batch))) {
      times.batches.emplace_back(measurements.next([&] { network.run(batch); }));
    } else {
      times.batches.emplace_back();
      measurements.pass();
    }
  }
  return times;
}

}  // namespace

std::vector<NetworkTimes> time_networks(const EngineOptions& engine, double seconds) {
  const std::vector<std::string> engines =
      engine.name == "auto" ? engine_names() : std::vector<std::string>{engine.name};
  std::vector<Model> models = subjects(engine);
  Measurements measurements(seconds, models.size() * engines.size() * std::size(batch_sizes));
  std::vector<NetworkTimes> times;
  for (Model& model : models) {
    for (const std::string& name : engines) {
      model.engine.name = name;
      try {
        times.push_back(time_batches(model, measurements));
      } catch (const Error& error) {
        // An engine that does not run such files.
        if (error.code() != ErrorCode::Settings) {
          measurements.note(model.profile.name + " is left out: " + error.what());
        }
        for (std::size_t i = 0; i < std::size(batch_sizes); ++i) measurements.pass();
      }
    }
  }
  return times;
}

}  // namespace facerec::cli
