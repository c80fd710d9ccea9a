// SPDX-License-Identifier: LGPL-2.1-or-later

#include "options.h"

#include <iostream>
#include <memory>

#include "../match/gallery_model.h"
#include "../store/gallery_key.h"
#include "../store/gallery_name.h"
#include "../text.h"

namespace facerec::cli {

namespace {

/// What was given so far, in either order.
struct GivenGallery {
  std::string name;
  std::string key_file;

  std::string with_key() const { return name.empty() ? name : with_key_file(name, key_file); }
};

}  // namespace

void add_gallery_option(Parser& parser, std::string& gallery, const std::string& help) {
  const auto given = std::make_shared<GivenGallery>();
  parser.text("gallery", "FILE", help, [&gallery, given](const std::string& name) {
    given->name = name;
    gallery = given->with_key();
  });
  add_key_file_option(parser, "key-file", "the key of an encrypted gallery",
                      [&gallery, given](const std::string& file) {
                        given->key_file = file;
                        gallery = given->with_key();
                      });
}

void add_key_file_option(Parser& parser, const std::string& name, const std::string& help,
                         const std::function<void(const std::string&)>& take) {
  parser.text(name, "FILE", help, [take](const std::string& file) {
    const std::string caution = key_file_caution(file);
    if (!caution.empty()) std::cerr << presentable(caution) << '\n';
    take(file);
  });
}

void add_json_option(Parser& parser, bool& json) {
  parser.flag("json", "print one JSON document", json);
}

void add_recognizer_options(Parser& parser, RecognizerOptions& options) {
  parser.text("detector", "NAME", "finds the faces (auto)", options.detector);
  parser.text("landmarks", "NAME", "finds the landmarks (auto: the detector's where right)",
              options.landmarks);
  parser.text("model", "NAME", "represents the faces (auto; the gallery's model)", options.model);
  parser.text("template", "NAME", "where landmarks lie in an aligned face (the model's)",
              options.template_name);
  parser.text("input-size", "WxH",
              "input of a --model that is a network without a profile, in pixels",
              options.network.input_size);
  parser.text("colour", "NAME", "its channel order, bgr or rgb (bgr)",
              [&parser, &options](const std::string& colour) {
                if (colour != "bgr" && colour != "rgb") parser.fail("--colour is bgr or rgb");
                options.network.rgb = colour == "rgb";
              });
  parser.number("scale", "what its pixel values are multiplied with (1)", 0, 1e6,
                [&](double value) { options.network.scale = value; });
  parser.text("mean", "A,B,C", "what is subtracted from them first (0,0,0)", options.network.mean);
  parser.text("output", "LAYER", "its output layer (its only one)", options.network.output);
  parser.text("engine", "NAME", "runs the networks: auto, onnxruntime or opencv (auto)",
              options.network.engine.name);
  parser.integer("threads", "of ONNX Runtime (0: one a core)", 0, 256,
                 options.network.engine.threads);
  parser.flag("mask", "blacken what lies outside the hull of 68 landmarks", options.mask);
  parser.number("confidence", "least confidence of a detection (the detector's)", 0, 1,
                [&](double value) { options.detect.threshold = static_cast<float>(value); });
  parser.integer("detect-size", "longer side of the picture the detector sees (the detector's)", 0,
                 16384, options.detect.detect_size);
  parser.integer("tiles", "search a large photo in N x N overlapping parts too (1)", 1, 16,
                 options.detect.tiles);
  parser.integer("min-size", "least shorter side of a face in pixels (0)", 0, 16384,
                 options.detect.min_size);
}

void add_metric_option(Parser& parser, Metric& metric) {
  parser.text("metric", "NAME", "cosine, euclidean or euclidean-l2 (cosine)",
              [&](const std::string& name) { metric = parse_metric(name); });
}

void prefer_model_of(const Gallery& gallery, RecognizerOptions& options) {
  if (options.model == "auto") options.preferred = model_of(gallery);
}

void add_face_options(Parser& parser, FaceChoice& choice) {
  parser.integer("face", "which face of a group, counted from the left (the main one)", 1, 10000,
                 choice.number);
  parser.point("at", "a point inside the face that is meant, pixels of the photo", choice.at);
}

void add_decision_options(Parser& parser, DecisionOptions& options) {
  add_metric_option(parser, options.metric);
  parser.number("threshold", "largest distance within one person (the model's)", 0, 1e6,
                [&](double value) { options.threshold = value; });
}

void add_false_name_rate_option(Parser& parser, DecisionOptions& options) {
  parser.number("false-name-rate",
                "share of strangers' faces that a gallery names; sets the threshold (0.001)",
                least_false_name_rate, greatest_false_name_rate,
                [&](double value) { options.false_name_rate = value; });
}

}  // namespace facerec::cli
