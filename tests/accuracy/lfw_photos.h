// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "cli/labelled_embeddings.h"

constexpr int all_folds = 5;

/// What a test does to a photo before it is looked at.
using Prepare = std::function<cv::Mat(const cv::Mat& photo)>;

/// The labelled pairs of the first `folds` folds of Labeled Faces in the Wild in the reference
/// material, for which FACEREC_MODEL_PATH is set; empty where there is none.
std::vector<facerec::LabelledPair> lfw_pairs(int folds);

/// LFW has people under two names, and one photo under the names of two people: whether this name
/// is a second one.
bool is_same_as_another(const std::string& person);

/// How many folds tests of a part take: FACEREC_LFW_FOLDS, else 1.
int folds_of_a_part();

/// The embeddings of all photos of the pairs, two at a time.
facerec::cli::Embeddings represent_photos(const facerec::RecognizerOptions& options,
                                          const std::vector<facerec::LabelledPair>& pairs,
                                          const Prepare& prepare = nullptr);

/// A detector and an embedder by name.
facerec::RecognizerOptions combination(const std::string& detector, const std::string& model);

/// A photo turned about its middle, clockwise; its border goes on beyond the edges.
cv::Mat turned(const cv::Mat& photo, double degrees);

/// The photos of all folds with YuNet and MobileFaceNet; made once.
const facerec::cli::Embeddings& standard_embeddings();

/// Prints a line: what was measured, the accuracy at a threshold, photos without a face. Returns
/// the accuracy, 0..1.
double report_accuracy(const std::string& what, const std::vector<facerec::PairDistance>& distances,
                       double threshold);
