// SPDX-License-Identifier: LGPL-2.1-or-later

// What the shots of a track tell together: tracks of people of Labeled Faces in the Wild, made of
// degraded photos, are looked up in galleries of a hundred of these people that are drawn anew many
// times; everybody else is a stranger. Each person of a gallery has one photo there, of which no
// track shows anything.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <numeric>
#include <random>
#include <set>

#include "evaluate/verification.h"
#include "lfw_photos.h"
#include "lfw_shots.h"
#include "match/track_decision.h"
#include "temporary_folder.h"
#include "track/shot.h"

using namespace facerec;

namespace {

constexpr std::size_t most_shots = 12;
constexpr std::size_t most_photos = 3;  ///< of a track
constexpr std::size_t enrolled = 100;
constexpr double between_shots = 0.1;  ///< seconds

using Track = std::vector<const LfwShot*>;

std::vector<int> photos_of(const LfwPerson& person) {
  std::set<int> photos;
  for (const LfwShot& shot : person.shots) photos.insert(shot.photo);
  return {photos.begin(), photos.end()};
}

/// Degraded shots of at most three of these photos in random order.
Track track_of(const LfwPerson& person, std::vector<int> photos, std::mt19937& random) {
  std::shuffle(photos.begin(), photos.end(), random);
  if (photos.size() > most_photos) photos.resize(most_photos);
  Track track;
  for (const LfwShot& shot : person.shots) {
    const bool is_of_these = std::find(photos.begin(), photos.end(), shot.photo) != photos.end();
    if (is_of_these && !shot.is_original) track.push_back(&shot);
  }
  std::shuffle(track.begin(), track.end(), random);
  if (track.size() > most_shots) track.resize(most_shots);
  return track;
}

double value_of(const LfwShot& shot) {
  return shot_value(shot.quality, false);
}

struct Draw {
  std::shared_ptr<const Matcher> matcher;
  std::vector<std::string> names;  ///< of the people enrolled, as the rows of `templates`
  cv::Mat templates;
  std::map<std::size_t, Track> tracks;     ///< of those enrolled, by the row
  std::map<std::size_t, Track> strangers;  ///< by the index in the material
};

class LfwTracks : public testing::Test {
 protected:
  void SetUp() override {
    if (lfw_pairs(1).empty()) GTEST_SKIP() << "no reference material: FACEREC_SHARED is not set";
    static const std::vector<LfwPerson> all = lfw_people(variants_of_a_photo());
    people = &all;
    profile = find_model("mobilefacenet", Role::Embedder).profile;
  }

  Draw draw(std::mt19937& random) const {
    std::vector<std::size_t> order(people->size());
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), random);
    const TemporaryFolder folder;
    Gallery gallery(folder / "people.db", Gallery::Mode::Create);
    Draw draw;
    for (const std::size_t i : order) {
      const LfwPerson& person = people->at(i);
      std::vector<int> photos = photos_of(person);
      Track originals;
      for (const LfwShot& shot : person.shots) {
        if (shot.is_original) originals.push_back(&shot);
      }
      if (originals.empty() || draw.names.size() == enrolled) {
        const Track track = track_of(person, photos, random);
        if (!track.empty()) draw.strangers[i] = track;
        continue;
      }
      const LfwShot* original = originals[random() % originals.size()];
      Template entry;
      entry.embedding = original->embedding;
      gallery.enroll(person.name, entry);
      photos.erase(std::find(photos.begin(), photos.end(), original->photo));
      const Track track = track_of(person, photos, random);
      if (!track.empty()) draw.tracks[draw.names.size()] = track;
      draw.names.push_back(person.name);
      draw.templates.push_back(cv::Mat(original->embedding.values, true).reshape(1, 1));
    }
    draw.matcher = std::make_shared<const Matcher>(gallery, Metric::Cosine);
    return draw;
  }

  const std::vector<LfwPerson>* people = nullptr;
  Profile profile;
};

/// How much a track looks like each person of the templates, which are of unit length.
using Rule = cv::Mat (*)(const Track& track, const cv::Mat& templates);

cv::Mat rows_of(const Track& track) {
  cv::Mat rows;
  for (const LfwShot* shot : track) {
    rows.push_back(cv::Mat(shot->embedding.values, true).reshape(1, 1));
  }
  return rows;
}

cv::Mat by_best_shot(const Track& track, const cv::Mat& templates) {
  const LfwShot* best = *std::max_element(
      track.begin(), track.end(),
      [](const LfwShot* a, const LfwShot* b) { return value_of(*a) < value_of(*b); });
  return rows_of({best}) * templates.t();
}

cv::Mat by_mean_embedding(const Track& track, const cv::Mat& templates) {
  cv::Mat mean;
  cv::reduce(rows_of(track), mean, 0, cv::REDUCE_AVG);
  return mean * templates.t() / cv::norm(mean);
}

/// As Frigate documents it: the mean of the scores, weighted by the face's area up to 4,000 pixels
/// and by how much the score is above the one of somebody unknown.
cv::Mat by_frigates_rule(const Track& track, const cv::Mat& templates) {
  constexpr float unknown = 0.3F, most_area = 4000;
  const cv::Mat scores = rows_of(track) * templates.t();
  cv::Mat result(1, templates.rows, CV_32F, cv::Scalar(-1));
  for (int person = 0; person < templates.rows; ++person) {
    float sum = 0, weights = 0;
    for (int i = 0; i < scores.rows; ++i) {
      const float score = scores.at<float>(i, person);
      const float weight =
          std::min(track[i]->box_area, most_area) * std::max(score - unknown, 0.0F);
      sum += weight * score;
      weights += weight;
    }
    if (weights > 0) result.at<float>(person) = sum / weights;
  }
  return result;
}

/// What a rule says of all tracks.
struct Scores {
  std::vector<double> of_strangers;  ///< the greatest of each track
  std::vector<double> of_enrolled;   ///< the same; -INFINITY where it is of a wrong person
};

/// Share of the tracks of enrolled people that get the right name at the threshold that this share
/// of the strangers' passes.
double recognised(Scores scores, double rate) {
  std::vector<double>& strangers = scores.of_strangers;
  const auto nth = strangers.begin() + static_cast<std::ptrdiff_t>(rate * strangers.size());
  std::nth_element(strangers.begin(), nth, strangers.end(), std::greater<>());
  const auto hits = std::count_if(scores.of_enrolled.begin(), scores.of_enrolled.end(),
                                  [&](double score) { return score > *nth; });
  return static_cast<double>(hits) / static_cast<double>(scores.of_enrolled.size());
}

void add_by(Rule rule, const Draw& draw, Scores& scores) {
  const auto best = [&](const Track& track) {
    const cv::Mat similar = rule(track, draw.templates);
    const auto* const first = similar.ptr<float>();
    const float* greatest = std::max_element(first, first + similar.cols);
    return std::pair{*greatest, static_cast<std::size_t>(greatest - first)};
  };
  for (const auto& [who, track] : draw.strangers) scores.of_strangers.push_back(best(track).first);
  for (const auto& [row, track] : draw.tracks) {
    const auto [score, nearest] = best(track);
    scores.of_enrolled.push_back(nearest == row ? score : -INFINITY);
  }
}

void add_by_evidence(const Draw& draw, Scores& scores) {
  const auto nearest = [&](const Track& track) {
    TrackEvidence evidence;
    double time = 0;
    for (const LfwShot* shot : track) {
      evidence.add(shot->embedding, value_of(*shot), time += between_shots);
    }
    return evidence.nearest(draw.matcher, 1).at(0);
  };
  for (const auto& [who, track] : draw.strangers) {
    scores.of_strangers.push_back(1 - nearest(track).distance);
  }
  for (const auto& [row, track] : draw.tracks) {
    const Candidate person = nearest(track);
    scores.of_enrolled.push_back(person.name == draw.names[row] ? 1 - person.distance : -INFINITY);
  }
}

TEST_F(LfwTracks, EvidenceRecognisesMoreThanOtherRules) {
  constexpr int draws = 16;
  const std::map<std::string, Rule> rules{{"best shot", by_best_shot},
                                          {"mean embedding", by_mean_embedding},
                                          {"Frigate's", by_frigates_rule}};
  std::map<std::string, Scores> others;
  Scores ours;
  std::mt19937 random(1);
  for (int i = 0; i < draws; ++i) {
    const Draw drawn = draw(random);
    for (const auto& [name, rule] : rules) add_by(rule, drawn, others[name]);
    add_by_evidence(drawn, ours);
  }
  std::printf("%zu tracks of enrolled people, %zu of strangers, %d shots a photo\n",
              ours.of_enrolled.size(), ours.of_strangers.size(), variants_of_a_photo());
  std::printf("| rule | recognised, 0.1 %% of strangers pass | 1 %% pass |\n");
  const auto print = [](const std::string& name, const Scores& scores) {
    std::printf("| %s | %.1f %% | %.1f %% |\n", name.c_str(), 100 * recognised(scores, 1e-3),
                100 * recognised(scores, 1e-2));
  };
  for (const auto& [name, scores] : others) {
    print(name, scores);
    for (const double rate : {1e-3, 1e-2}) {
      EXPECT_GT(recognised(ours, rate), recognised(scores, rate)) << name;
    }
  }
  print("ours", ours);
}

/// What was decided of a track, shot by shot.
struct Course {
  TrackVerdict last;
  int first_name = 0;  ///< the shot by which it got a name; 0 = never
};

Course follow(TrackDecisions& decisions, std::int64_t id, const Track& track,
              const std::shared_ptr<const Matcher>& matcher, const Profile& profile,
              const TrackDecisionOptions& options) {
  Course course;
  double time = 0;
  for (const LfwShot* shot : track) {
    const TrackedFace face{id, &shot->embedding, shot->quality, false};
    course.last = decisions.decide({face}, matcher, &profile, options, time += between_shots)[0];
    const bool named = course.last.state == TrackState::Recognised;
    if (named && course.first_name == 0) course.first_name = course.last.shots;
  }
  return course;
}

TEST_F(LfwTracks, StrangersAreNamedNoMoreOftenThanAsked) {
  constexpr int draws = 6;
  std::printf(
      "| asked | strangers ever named (95 %%) | strangers | enrolled named rightly | by the third "
      "shot | wrongly | "
      "first "
      "name by shot | refused by the margin alone |\n");
  for (const double rate : {1e-3, 1e-2}) {
    TrackDecisionOptions options;
    options.decision.false_name_rate = rate;
    std::set<std::size_t> who;
    int strangers = 0, named = 0, tracks = 0, right = 0, wrong = 0, between_two = 0;
    std::vector<int> first_names;
    std::mt19937 random(2);
    for (int i = 0; i < draws; ++i) {
      const Draw drawn = draw(random);
      for (const auto& [stranger, track] : drawn.strangers) {
        TrackDecisions decisions;
        who.insert(stranger);
        ++strangers;
        const Course course = follow(decisions, 1, track, drawn.matcher, profile, options);
        named += course.first_name > 0 ? 1 : 0;
      }
      for (const auto& [row, track] : drawn.tracks) {
        TrackDecisions decisions;
        const Course course = follow(decisions, 1, track, drawn.matcher, profile, options);
        ++tracks;
        const bool is_right = course.last.label == drawn.names[row];
        right += is_right ? 1 : 0;
        wrong += course.last.accepted && !is_right ? 1 : 0;
        between_two += course.last.reason == Reason::BetweenTwo ? 1 : 0;
        if (is_right) first_names.push_back(course.first_name);
      }
    }
    ASSERT_GE(who.size(), 1000u);
    const auto share = [&](int hits) { return static_cast<double>(hits) / tracks; };
    // The draws share their people: there is not more to learn than from as many trials.
    const auto trials = static_cast<int>(who.size());
    const double of_strangers = static_cast<double>(named) / strangers;
    const Proportion ever =
        proportion(static_cast<int>(std::lround(of_strangers * trials)), trials);
    const auto middle = first_names.begin() + static_cast<std::ptrdiff_t>(first_names.size() / 2);
    const auto soon = static_cast<int>(
        std::count_if(first_names.begin(), first_names.end(), [](int shot) { return shot <= 3; }));
    std::nth_element(first_names.begin(), middle, first_names.end());
    std::printf(
        "| %g %% | %.2f %% (%.2f to %.2f) | %d | %.1f %% | %.1f %% | %.1f %% | %d | %.2f %% |\n",
        100 * rate, 100 * of_strangers, 100 * ever.low, 100 * ever.high, trials, 100 * share(right),
        100 * share(soon), 100 * share(wrong), *middle, 100 * share(between_two));
    EXPECT_LE(ever.low, rate) << "strangers are named more often than was asked";
    EXPECT_LT(share(wrong), rate);
  }
}

TEST_F(LfwTracks, StrangersWhoComeBackKeepTheirNumbers) {
  constexpr std::size_t several_hundred = 600;
  std::mt19937 random(3);
  const Draw drawn = draw(random);
  std::vector<std::pair<Track, Track>> visits;
  for (const auto& [who, track] : drawn.strangers) {
    const std::vector<int> photos = photos_of(people->at(who));
    if (photos.size() < 2 || visits.size() == several_hundred) continue;
    const auto middle = photos.begin() + static_cast<std::ptrdiff_t>(photos.size() / 2);
    visits.emplace_back(track_of(people->at(who), {photos.begin(), middle}, random),
                        track_of(people->at(who), {middle, photos.end()}, random));
  }

  TrackDecisions decisions;
  std::int64_t id = 0;
  const auto visit = [&](const Track& track) {
    const Course course = follow(decisions, ++id, track, drawn.matcher, profile, {});
    decisions.end(id);
    return course.last.state == TrackState::Unknown ? course.last.label : "";
  };
  std::map<std::string, std::size_t> owner;  ///< of a number: who got it first
  std::vector<std::string> first;
  int numbered = 0, merged = 0, both = 0, again = 0;
  const auto note = [&](const std::string& label, std::size_t who) {
    if (label.empty()) return;
    ++numbered;
    if (owner.try_emplace(label, who).first->second != who) ++merged;
  };
  for (std::size_t who = 0; who < visits.size(); ++who) {
    first.push_back(visit(visits[who].first));
    note(first.back(), who);
  }
  for (std::size_t who = 0; who < visits.size(); ++who) {
    const std::string label = visit(visits[who].second);
    note(label, who);
    if (label.empty() || first[who].empty()) continue;
    ++both;
    again += label == first[who] ? 1 : 0;
  }
  std::printf(
      "%zu strangers came twice: %d of %zu tracks got a number; of %d who got one twice %.1f %% "
      "got "
      "the same; %.2f %% of the numbers were somebody else's\n",
      visits.size(), numbered, 2 * visits.size(), both, 100.0 * again / both,
      100.0 * merged / numbered);
  EXPECT_GE(visits.size(), 300u);
  EXPECT_LT(merged, 0.01 * numbered);
  EXPECT_GT(again, 0.5 * both);
}

}  // namespace
