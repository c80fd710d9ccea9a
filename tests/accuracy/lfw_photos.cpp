// SPDX-License-Identifier: LGPL-2.1-or-later

#include "lfw_photos.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <iostream>
#include <opencv2/imgproc.hpp>
#include <set>

#include "cli/image.h"
#include "cli/probe.h"
#include "shared_material.h"

using namespace facerec;
namespace fs = std::filesystem;

namespace {

std::vector<std::optional<Embedding>> represent_part(const RecognizerOptions& options,
                                                     const std::vector<fs::path>& photos,
                                                     const Prepare& prepare) {
  Recognizer recognizer(options);
  std::vector<std::optional<Embedding>> embeddings;
  for (const fs::path& file : photos) {
    const cv::Mat photo = cli::read_image(file);
    const auto probe = cli::probe_of(recognizer, prepare ? prepare(photo) : photo);
    embeddings.push_back(probe ? probe->face.embedding : std::nullopt);
  }
  return embeddings;
}

}  // namespace

std::vector<LabelledPair> lfw_pairs(int folds) {
  const fs::path shared = shared_material();
  if (shared.empty()) return {};
  const std::string models = environment("FACEREC_SOURCE_ROOT") + "/models";
  setenv("FACEREC_MODEL_PATH",
         (models + ':' + (shared / "models").string() + ':' + (shared / "models/mtcnn").string())
             .c_str(),
         1);
  std::vector<LabelledPair> pairs = read_pairs(shared / "eval/lfw/pairs.csv", {}, 0);
  pairs.erase(std::remove_if(pairs.begin(), pairs.end(),
                             [&](const LabelledPair& pair) { return pair.fold > folds; }),
              pairs.end());
  return pairs;
}

bool is_same_as_another(const std::string& person) {
  static const std::set<std::string> second_names{"Cristina_Kirchner", "Dai_Chul_Chyung",
                                                  "Hassan_Wirajuda", "Martha_Bowen"};
  return second_names.count(person) > 0;
}

int folds_of_a_part() {
  const std::string folds = environment("FACEREC_LFW_FOLDS");
  return folds.empty() ? 1 : std::stoi(folds);
}

cli::Embeddings represent_photos(const RecognizerOptions& options,
                                 const std::vector<LabelledPair>& pairs, const Prepare& prepare) {
  std::set<fs::path> names;
  for (const LabelledPair& pair : pairs) names.insert({pair.a, pair.b});
  const std::vector<fs::path> photos(names.begin(), names.end());
  const auto middle = photos.begin() + static_cast<std::ptrdiff_t>(photos.size() / 2);
  cv::setNumThreads(1);  // two recognizers side by side use two cores better
  const std::vector<fs::path> first(photos.begin(), middle), second(middle, photos.end());
  auto other =
      std::async(std::launch::async, [&] { return represent_part(options, second, prepare); });
  auto embeddings = represent_part(options, first, prepare);
  for (auto& embedding : other.get()) embeddings.push_back(std::move(embedding));

  cli::Embeddings result;
  for (std::size_t i = 0; i < photos.size(); ++i) result[photos[i]] = std::move(embeddings[i]);
  return result;
}

RecognizerOptions combination(const std::string& detector, const std::string& model) {
  RecognizerOptions options;
  options.detector = detector;
  options.model = model;
  return options;
}

cv::Mat turned(const cv::Mat& photo, double degrees) {
  const cv::Point2f middle(static_cast<float>(photo.cols - 1) / 2,
                           static_cast<float>(photo.rows - 1) / 2);
  cv::Mat result;
  cv::warpAffine(photo, result, cv::getRotationMatrix2D(middle, -degrees, 1), photo.size(),
                 cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  return result;
}

const cli::Embeddings& standard_embeddings() {
  static const cli::Embeddings embeddings =
      represent_photos(combination("yunet", "mobilefacenet"), lfw_pairs(all_folds));
  return embeddings;
}

double report_accuracy(const std::string& what, const std::vector<PairDistance>& distances,
                       double threshold) {
  const Proportion accuracy = accuracy_at(distances, threshold);
  const auto failed =
      std::count_if(distances.begin(), distances.end(),
                    [](const PairDistance& pair) { return std::isnan(pair.distance); });
  std::cout << "lfw " << what << ": " << 100 * accuracy.rate << " % of " << accuracy.trials
            << " pairs right at " << threshold << ", " << failed << " without a face\n";
  return accuracy.rate;
}
