// SPDX-License-Identifier: LGPL-2.1-or-later

#include "lfw_shots.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <future>
#include <map>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <random>
#include <set>

#include "cli/image.h"
#include "cli/probe.h"
#include "lfw_photos.h"
#include "shared_material.h"

using namespace facerec;
namespace fs = std::filesystem;

namespace {

constexpr int least_side = 96;  ///< pixels of a frame
constexpr std::size_t most_photos = 7;
constexpr std::size_t least_photos_to_enrol = 3;

/// A line through the middle, as long as the movement is.
cv::Mat movement(double pixels, double angle) {
  const int side = static_cast<int>(std::ceil(pixels)) | 1;
  cv::Mat kernel = cv::Mat::zeros(side, side, CV_32F);
  const cv::Point middle(side / 2, side / 2);
  for (double along = -pixels / 2; along <= pixels / 2; along += 0.25) {
    const cv::Point at = middle + cv::Point(static_cast<int>(std::lround(along * std::cos(angle))),
                                            static_cast<int>(std::lround(along * std::sin(angle))));
    if (at.inside({0, 0, side, side})) kernel.at<float>(at) += 1;
  }
  return kernel / cv::sum(kernel)[0];
}

cv::Mat degraded(const cv::Mat& photo, std::mt19937& random) {
  const auto uniform = [&](double from, double to) {
    return std::uniform_real_distribution<>(from, to)(random);
  };
  const double scale = std::exp(uniform(std::log(0.25), 0));
  const double moved = uniform(0, 1) < 0.5 ? uniform(0, 10) : 0;
  cv::Mat picture = photo.clone();
  if (moved > 1) {
    cv::filter2D(photo, picture, -1, movement(moved, uniform(0, CV_PI)), {-1, -1}, 0,
                 cv::BORDER_REPLICATE);
  }
  cv::resize(picture, picture, {}, scale, scale, cv::INTER_AREA);

  const double gain = uniform(0.35, 1.2), sigma = uniform(0, 10);
  picture.convertTo(picture, CV_32FC3, gain);
  cv::Mat noise(picture.size(), CV_32FC3);
  cv::RNG(random()).fill(noise, cv::RNG::NORMAL, 0, sigma);
  picture += noise;
  picture.convertTo(picture, CV_8UC3);

  std::vector<uchar> bytes;
  cv::imencode(".jpg", picture, bytes,
               {cv::IMWRITE_JPEG_QUALITY, static_cast<int>(uniform(40, 95))});
  picture = cv::imdecode(bytes, cv::IMREAD_COLOR);
  cv::Mat frame(std::max(picture.rows, least_side), std::max(picture.cols, least_side), CV_8UC3,
                cv::Scalar::all(90));
  picture.copyTo(frame(cv::Rect({0, 0}, picture.size())));
  return frame;
}

struct Photo {
  fs::path file;
  bool is_taken_itself = false;
};

using ShotsOfPeople = std::map<std::string, std::vector<LfwShot>>;

std::vector<Photo> photos_of_people() {
  std::map<std::string, std::set<fs::path>> files;
  for (const LabelledPair& pair : lfw_pairs(all_folds)) {
    for (const fs::path& file : {pair.a, pair.b}) files[file.parent_path().filename()].insert(file);
  }
  std::vector<Photo> photos;
  for (const auto& [name, of_person] : files) {
    if (is_same_as_another(name)) continue;
    const std::size_t count = std::min(of_person.size(), most_photos);
    auto file = of_person.begin();
    for (std::size_t i = 0; i < count; ++i) {
      photos.push_back({*file++, count >= least_photos_to_enrol});
    }
  }
  return photos;
}

/// Those of every second photo.
ShotsOfPeople shots_of_half(const std::vector<Photo>& photos, std::size_t first, int variants) {
  Recognizer recognizer(combination("yunet", "mobilefacenet"));
  ShotsOfPeople people;
  for (std::size_t i = first; i < photos.size(); i += 2) {
    std::vector<LfwShot>& shots = people[photos[i].file.parent_path().filename()];
    const cv::Mat photo = cli::read_image(photos[i].file);
    std::mt19937 random(static_cast<unsigned>(i));
    const auto add = [&](const cv::Mat& picture, bool is_original) {
      const auto probe = cli::probe_of(recognizer, picture);
      if (!probe || !probe->face.embedding) return;
      shots.push_back({static_cast<int>(i), is_original, probe->face.face.box.area(),
                       probe->face.quality, *probe->face.embedding});
    };
    if (photos[i].is_taken_itself) add(photo, true);
    for (int variant = 0; variant < variants; ++variant) add(degraded(photo, random), false);
  }
  return people;
}

}  // namespace

int variants_of_a_photo() {
  const std::string variants = environment("FACEREC_LFW_VARIANTS");
  return variants.empty() ? 2 : std::stoi(variants);
}

std::vector<LfwPerson> lfw_people(int variants) {
  const std::vector<Photo> photos = photos_of_people();
  cv::setNumThreads(1);  // two recognizers side by side use two cores better
  auto other = std::async(std::launch::async, [&] { return shots_of_half(photos, 1, variants); });
  ShotsOfPeople all = shots_of_half(photos, 0, variants);
  for (auto& [name, shots] : other.get()) {
    std::move(shots.begin(), shots.end(), std::back_inserter(all[name]));
  }
  std::vector<LfwPerson> people;
  for (auto& [name, shots] : all) people.push_back({name, std::move(shots)});
  return people;
}
