// SPDX-License-Identifier: LGPL-2.1-or-later

#include "pipeline.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "align/align.h"
#include "align/quality.h"
#include "embed/find_embedder.h"
#include "error.h"

namespace facerec {

namespace {

Model embedder_of(const RecognizerOptions& options) {
  if (options.model == "auto" && options.preferred) {
    return with_template(*options.preferred, options.template_name);
  }
  const auto custom = custom_profile(options.network, Role::Embedder);
  return find_embedder(options.model, options.template_name, custom ? &*custom : nullptr);
}

// The sum of the log-odds of the detector's confidence and of facerec-landmarks'. Of 100 photos of
// LFW and their 300 turns YuNet misses 1 of the turned ones at this lead, SSD and the checked Haar
// cascade none, MTCNN 3 and RFB 1, and none turns an upright one. The confidence alone does not
// tell: RFB is as sure of 36 upside-down faces as of the upright ones.
constexpr double clear_lead = 2;
constexpr std::size_t most_judged = 5;

/// More pixels tell nothing more of the way up; the longer side.
constexpr double judged_side = 1280;

double log_odds(double probability) {
  const double p = std::clamp(probability, 1e-4, 1 - 1e-4);
  return std::log(p / (1 - p));
}

/// Says how sure it is of everything that it is shown; null where it is not installed.
std::unique_ptr<Landmarker> make_judge(const EngineOptions& engine) {
  try {
    Model model = find_model(fast_landmarks, Role::Landmarker);
    model.engine = engine;
    model.profile.thresholds["confidence"].value = 0;
    return make_landmarker(model);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::NotFound) throw;
    return nullptr;
  }
}

// By the shorter side. A box at the frame's edge is that of a face that it cuts.
constexpr float rival_size = 0.7F;
constexpr float edge = 1;

}  // namespace

double prominence(const cv::Rect2f& box, cv::Size frame) {
  const cv::Point2d centre(box.x + box.width / 2., box.y + box.height / 2.);
  const double half = std::min(frame.width, frame.height) / 2.;
  const double distance =
      cv::norm(centre - cv::Point2d(frame.width / 2., frame.height / 2.)) / half;
  return box.area() * std::exp(-2 * distance * distance);
}

bool has_clear_main_face(const std::vector<Face>& faces, cv::Size frame) {
  const auto shorter_side = [](const Face& face) {
    return std::min(face.box.width, face.box.height);
  };
  return std::none_of(faces.begin() + (faces.empty() ? 0 : 1), faces.end(), [&](const Face& face) {
    const bool whole = face.box.x > edge && face.box.y > edge &&
                       face.box.br().x < static_cast<float>(frame.width) - edge &&
                       face.box.br().y < static_cast<float>(frame.height) - edge;
    return whole && shorter_side(face) >= rival_size * shorter_side(faces.front());
  });
}

Recognizer::Recognizer(const RecognizerOptions& options)
    : options_(options),
      landmarks_(options.landmarks, options.mask, nullptr, options.network.engine) {
  Model detector = find_model(options.detector, Role::Detector);
  detector.engine = options.network.engine;
  detector_profile_ = detector.profile;
  detector_ = make_detector(detector);
  Model embedder = embedder_of(options);
  embedder.engine = options.network.engine;
  if (options.mask) embedder.profile.curves.clear();  // of whole faces
  embedder_ = std::make_unique<Embedder>(embedder);
}

std::vector<Face> Recognizer::detect(const FrameView& frame) {
  return detect(frame, options_.detect);
}

std::vector<Face> Recognizer::detect(const FrameView& frame, const DetectOptions& options) {
  std::vector<Face> faces = detector_->detect(frame, options);
  std::stable_sort(faces.begin(), faces.end(), [&](const Face& a, const Face& b) {
    return prominence(a.box, frame.size()) > prominence(b.box, frame.size());
  });
  return faces;
}

Orientation Recognizer::upright_turn(const cv::Mat& photo) {
  if (!judge_) judge_ = make_judge(options_.network.engine);
  if (!judge_) return 1;
  const double scale = std::min(1., judged_side / std::max(photo.cols, photo.rows));
  DetectOptions options = options_.detect;
  options.min_size = cvRound(options.min_size * scale);
  cv::Mat small = photo;
  if (scale < 1) cv::resize(photo, small, {}, scale, scale, cv::INTER_AREA);

  Orientation best = 1;
  double least = 0;
  for (const Orientation turn : {1, 3, 6, 8}) {
    const cv::Mat picture = turned(small, turn);
    const FrameView frame = view_of(picture);
    const auto faces = detect(frame, options);
    double surest = 0;  // what is less sure than not is no reason to turn anything
    for (std::size_t i = 0; i < std::min(faces.size(), most_judged); ++i) {
      const Landmarks judged = judge_->locate(frame, faces[i].box);
      if (judged.scheme == LandmarkScheme::None) continue;
      surest = std::max(surest, log_odds(faces[i].confidence) + log_odds(judged.confidence));
    }
    if (turn == 1) {
      least = surest + clear_lead;
    } else if (surest > least) {
      best = turn;
      least = surest;
    }
  }
  return best;
}

UprightPhoto Recognizer::detect_upright(const cv::Mat& photo) {
  const Orientation turn = upright_turn(photo);
  const cv::Mat picture = turned(photo, turn);
  return {picture, turn, detect(view_of(picture))};
}

std::vector<RecognizedFace> Recognizer::align(const FrameView& frame, std::vector<Face> faces) {
  std::vector<RecognizedFace> result;
  result.reserve(faces.size());
  for (Face& face : faces) {
    landmarks_.place(frame, face);
    const Quality quality = measure_quality(frame, face, sampler_);
    auto alignment = facerec::align(face, profile().template_name, profile().input,
                                    profile().margin, options_.mask);
    result.push_back({std::move(face), quality, std::move(alignment), std::nullopt});
  }
  return result;
}

void Recognizer::embed(const FrameView& frame, const std::vector<RecognizedFace*>& faces) {
  std::vector<Alignment> alignments;
  for (const RecognizedFace* face : faces) {
    if (face->alignment) alignments.push_back(*face->alignment);
  }
  auto embeddings = embedder_->embed(frame, alignments);
  auto next = embeddings.begin();
  for (RecognizedFace* face : faces) {
    if (face->alignment) face->embedding = std::move(*next++);
  }
}

std::vector<RecognizedFace> Recognizer::represent(const FrameView& frame, std::vector<Face> faces) {
  std::vector<RecognizedFace> result = align(frame, std::move(faces));
  std::vector<RecognizedFace*> all;
  all.reserve(result.size());
  for (RecognizedFace& face : result) all.push_back(&face);
  embed(frame, all);
  return result;
}

}  // namespace facerec
