// SPDX-License-Identifier: LGPL-2.1-or-later

// MTCNN: K. Zhang et al., "Joint Face Detection and Alignment Using Multitask Cascaded
// Convolutional Networks", IEEE Signal Processing Letters 23(10), 2016. Three networks in a row:
// proposals at every place and scale, their refinement, and five landmarks. Numbers as in the
// authors' program.

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "../engine/network.h"
#include "../error.h"
#include "../sampling.h"
#include "methods.h"
#include "picture.h"
#include "suppression.h"

namespace facerec {

namespace {

constexpr float pyramid_step = 0.709f;
constexpr float proposal_threshold = 0.6f;
constexpr float refine_threshold = 0.7f;
constexpr float face_threshold = 0.7f;
constexpr int proposal_stride = 2;
constexpr int least_face = 20;       // pixels of the picture that the networks see
constexpr int most_proposals = 512;  // the best go on; a crowd has fewer

struct Candidate {
  cv::Rect2f box;
  float confidence = 0;
  cv::Vec4f correction;  // left, top, right, bottom, in parts of the box's size
  std::vector<cv::Point2f> points;
};

using Candidates = std::vector<Candidate>;

/// Moves the candidates' edges as the network says; what then is no box, or much larger than the
/// picture, is dropped.
Candidates corrected(Candidates candidates, cv::Size picture) {
  const auto most = 4 * static_cast<float>(std::max(picture.width, picture.height));
  Candidates kept;
  for (Candidate& candidate : candidates) {
    const cv::Rect2f b = candidate.box;
    const cv::Vec4f& c = candidate.correction;
    const cv::Point2f top_left(b.x + c[0] * b.width, b.y + c[1] * b.height);
    const cv::Point2f bottom_right(b.br().x + c[2] * b.width, b.br().y + c[3] * b.height);
    // What is not a number is not near.
    const auto near = [&](float edge) { return std::abs(edge) <= most; };
    if (!near(top_left.x) || !near(top_left.y) || !near(bottom_right.x) || !near(bottom_right.y))
      continue;
    candidate.box = {top_left, bottom_right};
    if (candidate.box.empty()) continue;
    kept.push_back(std::move(candidate));
  }
  return kept;
}

cv::Rect2f squared(const cv::Rect2f& box) {
  const float side = std::max(box.width, box.height);
  return {box.x + (box.width - side) / 2, box.y + (box.height - side) / 2, side, side};
}

// The networks were trained on MATLAB's column-major pictures: they see x and y exchanged.
cv::Mat as_trained(const cv::Mat& picture) {
  cv::Mat exchanged;
  cv::transpose(picture, exchanged);
  return exchanged;
}

// The part of the picture below `box` at side x side; black where the box leaves the picture.
cv::Mat crop(const cv::Mat& picture, const cv::Rect2f& box, int side) {
  const cv::Rect whole(cvRound(box.x), cvRound(box.y), std::max(1, cvRound(box.width)),
                       std::max(1, cvRound(box.height)));
  const cv::Rect inside = whole & cv::Rect({}, picture.size());
  cv::Mat part(whole.size(), picture.type(), cv::Scalar::all(0));
  if (!inside.empty()) picture(inside).copyTo(part(inside - whole.tl()));
  cv::Mat result;
  cv::resize(part, result, {side, side}, 0, 0, cv::INTER_AREA);
  return as_trained(result);
}

/// What a stage returns for each place: outputs and the numbers that each gives.
struct Stage {
  const char* name;
  int side;  ///< of its input
  int dims;  ///< of its outputs: pictures and numbers, then rows and columns of places
  std::vector<std::string> outputs;
  std::vector<int> lengths;
};

const Stage proposal_stage{"first", 12, 4, {"prob1", "conv4-2"}, {2, 4}};
const Stage refine_stage{"second", 24, 2, {"prob1", "conv5-2"}, {2, 4}};
const Stage output_stage{"third", 48, 2, {"prob1", "conv6-2", "conv6-3"}, {2, 4, 10}};

/// Runs a stage's network; its outputs tell of equally many places.
const std::vector<cv::Mat>& run(Network& network, const Stage& stage, const cv::Mat& picture) {
  const std::vector<cv::Mat>& results = network.run(picture);
  for (std::size_t i = 0; i < results.size(); ++i) {
    const cv::Mat& result = results[i];
    const bool fits =
        result.dims == stage.dims && result.size[0] == 1 && result.size[1] == stage.lengths[i] &&
        std::equal(result.size.p + 2, result.size.p + stage.dims, results.front().size.p + 2);
    if (fits) continue;
    throw Error(ErrorCode::Mismatch,
                network.profile().files.front().name + " is not the " + stage.name +
                    " network of MTCNN: its output '" + stage.outputs[i] +
                    "' has another shape; pass the file that the profile names");
  }
  return results;
}

/// The network of one stage, which has two files of the model.
Network load_stage(const Model& model, std::size_t index, const Stage& stage) {
  if (model.files.size() != 6) {
    throw Error(ErrorCode::Settings, "model '" + model.profile.name +
                                         "' has to name six files: each of MTCNN's three networks "
                                         "followed by its prototxt");
  }
  Model part = model;
  part.files = {model.files.at(2 * index), model.files.at(2 * index + 1)};
  part.profile.files = {model.profile.files.at(2 * index), model.profile.files.at(2 * index + 1)};
  part.profile.input = {stage.side, stage.side};
  Network network(part, stage.outputs);
  run(network, stage, cv::Mat::zeros(part.profile.input, CV_8UC3));
  return network;
}

class Mtcnn : public Detector {
 public:
  explicit Mtcnn(const Model& model)
      : proposal_(load_stage(model, 0, proposal_stage)),
        refine_(load_stage(model, 1, refine_stage)),
        output_(load_stage(model, 2, output_stage)),
        standard_size_(std::max(model.profile.input.width, model.profile.input.height)),
        threshold_(confidence_threshold(model.profile, face_threshold)) {}

 private:
  float default_threshold() const override { return threshold_; }

  std::vector<Face> find(const FrameView& frame, const DetectOptions& options) override {
    const cv::Mat picture = sampler_.scale_to_bgr(
        frame, picture_size(frame.size(), standard_size_, options.detect_size));
    const float least = std::max<float>(
        least_face, static_cast<float>(options.min_size) * picture.cols / frame.width);
    Candidates candidates = refine(picture, propose(picture, least));
    candidates = describe(picture, candidates, options.threshold);

    std::vector<Face> faces;
    for (const Candidate& candidate : candidates) {
      Face& face = faces.emplace_back();
      face.box = rescale(candidate.box, picture.size(), frame.size());
      face.confidence = candidate.confidence;
      face.landmarks.scheme = LandmarkScheme::Five;
      for (const cv::Point2f& point : candidate.points)
        face.landmarks.points.push_back(rescale(point, picture.size(), frame.size()));
    }
    return faces;
  }

  Candidates propose(const cv::Mat& picture, float least) {
    Candidates all;
    const int shorter = std::min(picture.cols, picture.rows);
    for (float scale = proposal_stage.side / least; shorter * scale >= proposal_stage.side;
         scale *= pyramid_step) {
      cv::Mat small;
      cv::resize(picture, small, {cvCeil(picture.cols * scale), cvCeil(picture.rows * scale)}, 0, 0,
                 cv::INTER_AREA);
      Candidates found = suppress(propose_at(small, scale), 0.5f, Overlap::Union);
      std::move(found.begin(), found.end(), std::back_inserter(all));
    }
    all = suppress(std::move(all), 0.7f, Overlap::Union);
    if (all.size() > most_proposals) all.resize(most_proposals);
    all = corrected(std::move(all), picture.size());
    for (Candidate& candidate : all) candidate.box = squared(candidate.box);
    return all;
  }

  Candidates propose_at(const cv::Mat& picture, float scale) {
    const std::vector<cv::Mat> out = run(proposal_, proposal_stage, as_trained(picture));
    const int across = out[0].size[2];  // x and y exchanged
    const int down = out[0].size[3];
    Candidates found;
    for (int x = 0; x < across; ++x) {
      for (int y = 0; y < down; ++y) {
        const auto at = [&](const cv::Mat& map, int channel) {
          return map.ptr<float>(0, channel)[x * down + y];
        };
        const float score = at(out[0], 1);
        if (!(score >= proposal_threshold)) continue;
        Candidate candidate;
        candidate.confidence = score;
        candidate.box = {proposal_stride * x / scale, proposal_stride * y / scale,
                         proposal_stage.side / scale, proposal_stage.side / scale};
        for (int i = 0; i < 4; ++i) candidate.correction[i] = at(out[1], i);
        found.push_back(std::move(candidate));
      }
    }
    return found;
  }

  Candidates refine(const cv::Mat& picture, const Candidates& proposals) {
    Candidates kept = judge(refine_, refine_stage, picture, proposals, refine_threshold);
    kept = suppress(std::move(kept), 0.7f, Overlap::Union);
    kept = corrected(std::move(kept), picture.size());
    for (Candidate& candidate : kept) candidate.box = squared(candidate.box);
    return kept;
  }

  Candidates describe(const cv::Mat& picture, const Candidates& refined, float threshold) {
    Candidates kept = judge(output_, output_stage, picture, refined, threshold);
    return suppress(corrected(std::move(kept), picture.size()), 0.7f, Overlap::Smaller);
  }

  // Runs a stage on every candidate's crop and keeps those that it takes for a face.
  static Candidates judge(Network& network, const Stage& stage, const cv::Mat& picture,
                          const Candidates& candidates, float threshold) {
    Candidates kept;
    for (const Candidate& seen : candidates) {
      const std::vector<cv::Mat> out = run(network, stage, crop(picture, seen.box, stage.side));
      const float score = out[0].ptr<float>()[1];
      if (!(score >= threshold)) continue;
      Candidate candidate{seen.box, score, {}, {}};
      for (int k = 0; k < 4; ++k) candidate.correction[k] = out[1].ptr<float>()[k];
      if (out.size() > 2) {
        const float* point = out[2].ptr<float>();  // five x, then five y, in parts of the crop
        const cv::Rect2f& box = candidate.box;
        for (int k = 0; k < 5; ++k)
          candidate.points.emplace_back(box.x + point[k] * box.width,
                                        box.y + point[k + 5] * box.height);
      }
      kept.push_back(std::move(candidate));
    }
    return kept;
  }

  Network proposal_;
  Network refine_;
  Network output_;
  int standard_size_;
  float threshold_;
  Sampler sampler_;
};

}  // namespace

std::unique_ptr<Detector> make_mtcnn(const Model& model) {
  return std::make_unique<Mtcnn>(model);
}

}  // namespace facerec
