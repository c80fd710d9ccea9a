// SPDX-License-Identifier: LGPL-2.1-or-later

#include "gallery_check.h"

#include <algorithm>
#include <limits>
#include <map>
#include <opencv2/core.hpp>
#include <utility>

#include "own_photos.h"

namespace facerec {

namespace {

/// Templates that are looked up in one pass.
constexpr int probes_at_once = 64;
/// People nearest to a template who are looked at: its own and those who may be the same.
constexpr int people_looked_at = 5;

class Examination {
 public:
  Examination(const Gallery& gallery, const TrackDecisionOptions& options)
      : matcher_(gallery, options.decision.metric), decision_(options.decision, matcher_, nullptr) {
    if (matcher_.person_count() > 0) {
      findings_.pair_threshold = pair_threshold(options.decision, matcher_, nullptr);
    }
    findings_.name_threshold = decision_.threshold();
    findings_.caution = decision_.caution();
    gallery.visit([&](const std::string& name, const Template& entry) {
      people_[entry.person_id].push_back(photos_.size());
      photos_.push_back({{entry.id, entry.person_id, name, entry.source}, entry.embedding, {}});
      std::vector<float>& values = photos_.back().embedding.values;
      values = scaled(values, matcher_.metric());
      const ShotLack lack = lack_of(entry.quality, options);
      if (lack.reason == Reason::None) return;
      report(GalleryFlaw::BadShot, photos_.back(), {nullptr, lack.value}, lack.limit).reason =
          lack.reason;
    });
    findings_.people = static_cast<int>(people_.size());
    findings_.templates = static_cast<int>(photos_.size());
  }

  GalleryFindings run() {
    for (const auto& [id, photos] : people_) compare_own(photos);
    compare_with_others();
    for (const auto& [ids, pair] : alike_) {
      const auto& [photo, near] = pair;
      report(GalleryFlaw::TwoNames, *photo, near, decision_.threshold()).false_name_rate =
          decision_.false_name_rate(near.distance);
    }
    const auto before = [](const GalleryFinding& a, const GalleryFinding& b) {
      return std::pair(a.flaw, -std::abs(a.value - a.limit)) <
             std::pair(b.flaw, -std::abs(b.value - b.limit));
    };
    std::stable_sort(findings_.found.begin(), findings_.found.end(), before);
    return std::move(findings_);
  }

 private:
  struct Photo;
  struct Near {
    const Photo* photo = nullptr;
    double distance = std::numeric_limits<double>::infinity();
  };
  struct Photo {
    TemplateOrigin origin;
    Embedding embedding;  ///< see scaled()
    Near own;             ///< of its person's that it does not repeat
  };

  GalleryFinding& report(GalleryFlaw flaw, const Photo& photo, const Near& near, double limit) {
    GalleryFinding& finding = findings_.found.emplace_back();
    finding.flaw = flaw;
    finding.photo = photo.origin;
    if (near.photo) finding.other = near.photo->origin;
    finding.value = near.distance;
    finding.limit = limit;
    return finding;
  }

  Near compare(const Photo& photo, const Photo& other) const {
    return {&other,
            distance_of_scaled(photo.embedding.values, other.embedding.values, matcher_.metric())};
  }

  /// False of a distance that is not known, too.
  static bool keep_nearer(Near& near, const Near& other) {
    const bool nearer = other.distance < near.distance;
    if (nearer) near = other;
    return nearer;
  }

  Near nearest_of(std::int64_t person, const Photo& photo) const {
    Near near;
    const auto photos = people_.find(person);
    if (photos == people_.end()) return near;  // removed since the matcher was made
    for (const std::size_t index : photos->second)
      keep_nearer(near, compare(photo, photos_[index]));
    return near;
  }

  void compare_own(const std::vector<std::size_t>& photos) {
    std::vector<const std::vector<float>*> values;
    values.reserve(photos.size());
    for (const std::size_t index : photos) values.push_back(&photos_[index].embedding.values);
    const std::vector<OwnLikeness> found =
        facerec::compare_own(values, matcher_.metric(), findings_.pair_threshold);
    const bool of_one = !is_not_a_match(photos_[photos.front()].origin.person);
    for (std::size_t i = 0; i < photos.size(); ++i) {
      Photo& photo = photos_[photos[i]];
      if (found[i].nearest) photo.own = {&photos_[photos[*found[i].nearest]], found[i].distance};
      if (found[i].repeated) {
        report(GalleryFlaw::Repeated, photo, compare(photo, photos_[photos[*found[i].repeated]]),
               greatest_noise(photo.embedding.values, matcher_.metric()));
      }
      if (found[i].unlike && of_one) {
        report(GalleryFlaw::UnlikeOwn, photo, photo.own, findings_.pair_threshold);
      }
    }
  }

  /// The people nearest to each photo.
  std::vector<std::vector<Candidate>> look_up() const {
    const int most = std::min(people_looked_at, matcher_.person_count());
    std::vector<std::vector<Candidate>> people(photos_.size());
    const int count = static_cast<int>(photos_.size());
    const int passes = (count + probes_at_once - 1) / probes_at_once;
    cv::parallel_for_({0, passes}, [&](const cv::Range& range) {
      for (int pass = range.start; pass < range.end; ++pass) {
        const int first = pass * probes_at_once, last = std::min(first + probes_at_once, count);
        std::vector<const Embedding*> probes;
        for (int i = first; i < last; ++i) probes.push_back(&photos_[i].embedding);
        auto found = matcher_.nearest(probes, most);
        std::move(found.begin(), found.end(), people.begin() + first);
      }
    });
    return people;
  }

  void compare_with_others() {
    const auto people = look_up();
    for (std::size_t i = 0; i < photos_.size(); ++i) {
      const Photo& photo = photos_[i];
      const std::int64_t own = photo.origin.person_id;
      Near nearest;
      for (const Candidate& person : people[i]) {
        const bool nearer = person.distance < photo.own.distance;
        const bool alike = decision_.accepts(person.distance);
        if (person.person_id == own || (!nearer && !alike)) continue;
        // Those are there because they are near somebody.
        if (is_not_a_match(photo.origin.person) || is_not_a_match(person.name)) continue;
        const Near near = nearest_of(person.person_id, photo);
        keep_nearer(nearest, near);
        if (!alike) continue;
        auto& pair = alike_[std::minmax(own, person.person_id)];
        if (keep_nearer(pair.second, near)) pair.first = &photo;
      }
      if (photo.own.photo && nearest.distance < photo.own.distance) {
        report(GalleryFlaw::NearerToAnother, photo, nearest, photo.own.distance);
      }
    }
  }

  Matcher matcher_;
  Decision decision_;
  std::vector<Photo> photos_;                                ///< in the order of enrolment
  std::map<std::int64_t, std::vector<std::size_t>> people_;  ///< and their photos
  /// People who may be one: the two photos of theirs that are nearest.
  std::map<std::pair<std::int64_t, std::int64_t>, std::pair<const Photo*, Near>> alike_;
  GalleryFindings findings_;
};

}  // namespace

const char* to_string(GalleryFlaw flaw) {
  switch (flaw) {
    case GalleryFlaw::NearerToAnother:
      return "nearer-to-another";
    case GalleryFlaw::UnlikeOwn:
      return "unlike-own";
    case GalleryFlaw::Repeated:
      return "repeated";
    case GalleryFlaw::TwoNames:
      return "two-names";
    case GalleryFlaw::BadShot:
      return "bad-shot";
  }
  return "";
}

GalleryFindings check_gallery(const Gallery& gallery, const TrackDecisionOptions& options) {
  return Examination(gallery, options).run();
}

}  // namespace facerec
