// SPDX-License-Identifier: LGPL-2.1-or-later

#include <iostream>
#include <opencv2/core/version.hpp>

#include "../evaluate/chart.h"
#include "benchmark_chain.h"
#include "benchmark_detectors.h"
#include "benchmark_gallery.h"
#include "benchmark_networks.h"
#include "benchmark_output.h"
#include "commands.h"
#include "contact_sheet.h"
#include "image.h"
#include "moving_head.h"
#include "options.h"
#include "output.h"
#include "probe.h"

namespace facerec::cli {

namespace {

const cv::Size frames[] = {{640, 360}, {1280, 720}, {1920, 1080}};
constexpr std::size_t of_cameras = 1;  ///< and of the detectors, of frames

// Parts of the time.
constexpr double for_networks = 0.35, for_detectors = 0.2, for_chain = 0.3, for_cameras = 0.15;

std::string resolution(cv::Size size) {
  return std::to_string(size.width) + "x" + std::to_string(size.height);
}

std::string counted(int number, const std::string& thing) {
  return std::to_string(number) + ' ' + thing + (number == 1 ? "" : "s");
}

/// The head that is shown. Throws Error as read_probe() does.
cv::Mat head_to_show(Recognizer& recognizer, const std::string& photo) {
  if (photo.empty()) return drawn_head();
  const Probe probe = read_probe(recognizer, photo);
  if (const std::string note = note_of(probe, photo); !note.empty()) std::cerr << note << '\n';
  return head_of(turned(read_image(photo), probe.turn), probe.face.face.box);
}

Json to_json(cv::Size size) {
  return {{"width", size.width}, {"height", size.height}};
}

Json to_json(const std::vector<NetworkTimes>& networks) {
  Json entries = Json::array();
  for (const NetworkTimes& network : networks) {
    Json batches = Json::array();
    for (std::size_t i = 0; i < network.batches.size(); ++i) {
      const auto& timing = network.batches[i];
      if (!timing) continue;
      batches.push_back({{"pictures", batch_sizes[i]},
                         {"milliseconds_a_picture", timing->milliseconds / batch_sizes[i]},
                         {"runs", timing->runs}});
    }
    entries.push_back({{"name", network.name},
                       {"role", to_string(network.role)},
                       {"input", to_json(network.input)},
                       {"engine", network.engine},
                       {"batches", batches}});
  }
  return entries;
}

Json to_json(const std::vector<DetectorTime>& detectors) {
  Json entries = Json::array();
  for (const DetectorTime& detector : detectors) {
    entries.push_back({{"name", detector.name},
                       {"faces_a_frame", detector.faces},
                       {"milliseconds", detector.timing.milliseconds},
                       {"runs", detector.timing.runs}});
  }
  return entries;
}

double faces_a_frame(const ChainTime& time) {
  return static_cast<double>(time.faces) / time.frames;
}

Json to_json(const ChainTime& time) {
  return {{"frame", to_json(time.frame)},
          {"frames_a_second", 1000 / time.milliseconds},
          {"milliseconds", time.milliseconds},
          {"faces_a_frame", faces_a_frame(time)},
          {"frames", time.frames},
          {"represented", time.shots}};
}

Json cameras_json(const ChainTime& time, int analyses) {
  const int processors = cv::getNumberOfCPUs();
  return {{"frame", to_json(time.frame)},
          {"analyses_a_second", analyses},
          {"processors", processors},
          {"milliseconds", time.milliseconds},
          {"faces_a_frame", faces_a_frame(time)},
          {"cameras", static_cast<int>(processors * 1000 / (analyses * time.milliseconds))}};
}

std::string size_text(const Json& size) {
  return resolution({size["width"].get<int>(), size["height"].get<int>()});
}

void print_networks(const Json& networks) {
  std::vector<std::vector<std::string>> rows{{"NETWORK", "ROLE", "INPUT", "ENGINE", "MS"}};
  for (const int size : batch_sizes) {
    if (size > 1) rows[0].push_back("OF " + std::to_string(size));
  }
  for (const Json& network : networks) {
    rows.push_back(
        {network["name"], network["role"], size_text(network["input"]), network["engine"]});
    for (const int size : batch_sizes) {
      std::string cell = "-";
      for (const Json& batch : network["batches"]) {
        if (batch["pictures"] == size) cell = rounded(batch["milliseconds_a_picture"]);
      }
      rows.back().push_back(cell);
    }
  }
  print_table(rows);
}

void print_detectors(const Json& detectors) {
  std::vector<std::vector<std::string>> rows{{"DETECTOR", "FACES A FRAME", "MS A FRAME"}};
  for (const Json& detector : detectors) {
    rows.push_back(
        {detector["name"], rounded(detector["faces_a_frame"]), rounded(detector["milliseconds"])});
  }
  print_table(rows);
}

void print_chain(const Json& chain) {
  std::vector<std::vector<std::string>> rows{
      {"FRAMES OF", "A SECOND", "MS A FRAME", "FACES A FRAME"}};
  for (const Json& entry : chain) {
    rows.push_back({size_text(entry["frame"]), rounded(entry["frames_a_second"]),
                    rounded(entry["milliseconds"]), rounded(entry["faces_a_frame"])});
  }
  print_table(rows);
}

void print_result(const Json& result) {
  const Json& recognizer = result["recognizer"];
  const Json& cameras = result["cameras"];
  const std::string frame = size_text(cameras["frame"]);
  std::cout << result["machine"]["processor"].get<std::string>() << ", "
            << counted(result["machine"]["processors"], "processor") << ", OpenCV "
            << result["machine"]["opencv"].get<std::string>() << ", engine "
            << result["engine"].get<std::string>() << "\nmilliseconds a picture, "
            << "of so many at once, medians; - where the network does not take them:\n";
  print_networks(result["networks"]);
  const std::string shown = result["photo"].is_null()
                                ? "a drawn head, which is no real face,"
                                : "the face of '" + result["photo"].get<std::string>() + "'";
  std::cout << "\nthe clip shows " << shown << " that moves; detectors on its frames of " << frame
            << ":\n";
  print_detectors(result["detectors"]);
  std::cout << "\ndetect (" << recognizer["detector"].get<std::string>()
            << "), track, align, represent (" << recognizer["model"].get<std::string>()
            << ") about once a second, match; decoding comes on top:\n";
  print_chain(result["chain"]);
  std::cout << "\n"
            << counted(cameras["cameras"], "camera") << " of " << frame << " at "
            << cameras["analyses_a_second"]
            << " analyses a second: " << counted(cameras["processors"], "processor")
            << " x 1000 / (" << cameras["analyses_a_second"] << " x "
            << rounded(cameras["milliseconds"])
            << " ms), measured with one chain a processor at work at once, without decoding\n";
}

std::string chart_of(const Json& result) {
  std::vector<Bar> bars;
  for (const Json& network : result["networks"]) {
    bars.push_back({network["name"], "network alone, " + network["engine"].get<std::string>(),
                    network["batches"][0]["milliseconds_a_picture"]});
  }
  for (const Json& detector : result["detectors"]) {
    bars.push_back({detector["name"], "detector, " + size_text(result["cameras"]["frame"]),
                    detector["milliseconds"]});
  }
  for (const Json& entry : result["chain"]) {
    bars.push_back({size_text(entry["frame"]), "whole chain", entry["milliseconds"]});
  }
  return bar_chart(result["machine"]["processor"], "milliseconds a picture", bars);
}

}  // namespace

int run_benchmark(int argc, char** argv) {
  if (argc > 1 && argv[1] == std::string("gallery"))
    return run_benchmark_gallery(argc - 1, argv + 1);
  bool json = false;
  std::string chart;
  double seconds = 20;
  int analyses = 5;
  RecognizerOptions options;
  Parser parser("benchmark [PHOTO]",
                "Measures how fast this machine is with the models that are there: each network\n"
                "alone, each detector and the whole chain on a clip that it makes, in which the\n"
                "face of PHOTO moves, or a drawn one; and how many cameras that makes.\n"
                "--engine auto measures the networks in every engine.\n"
                "`facerec benchmark gallery` measures the search of galleries.");
  parser.number("seconds", "how long it takes, about (20)", 0.1, 3600,
                [&](double value) { seconds = value; });
  parser.integer("analyses", "frames a second of each camera that are looked at (5)", 1, 100,
                 analyses);
  parser.text("chart", "FILE", "draw the milliseconds there, as SVG", chart);
  add_recognizer_options(parser, options);
  add_json_option(parser, json);
  const auto photos = parser.parse(argc, argv, 0, 1);
  const std::string photo = photos.empty() ? "" : photos[0];

  // Where the chart cannot be written, that shows before the work.
  if (!chart.empty()) write_text(chart, "");
  Recognizer recognizer(options);
  const cv::Mat head = head_to_show(recognizer, photo);
  std::vector<std::vector<cv::Mat>> clips;
  for (const cv::Size size : frames) clips.push_back(moving_head(head, size));
  const std::vector<cv::Mat>& clip = clips[of_cameras];
  const auto matcher = invented_people(recognizer);
  const EngineOptions& engine = options.network.engine;

  Json result{
      {"machine",
       {{"processor", processor()}, {"processors", cv::getNumberOfCPUs()}, {"opencv", CV_VERSION}}},
      {"engine", engine.name},
      {"threads", engine.threads},
      {"photo", photo.empty() ? Json() : Json(photo)},
      {"recognizer", to_json(recognizer)}};
  result["networks"] = to_json(time_networks(engine, for_networks * seconds));
  result["detectors"] =
      to_json(time_detectors(clip, engine, options.detect, for_detectors * seconds));
  for (const ChainTime& time : time_chain(recognizer, matcher, clips, for_chain * seconds)) {
    result["chain"].push_back(to_json(time));
  }
  result["cameras"] =
      cameras_json(time_cameras(options, matcher, clip, analyses, for_cameras * seconds), analyses);

  if (!chart.empty()) write_text(chart, chart_of(result));
  if (json) {
    print(result);
  } else {
    print_result(result);
  }
  return exit_yes;
}

}  // namespace facerec::cli
