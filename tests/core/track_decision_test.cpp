// SPDX-License-Identifier: LGPL-2.1-or-later

#include "match/track_decision.h"

#include <gtest/gtest.h>

#include <functional>

#include "track_fixtures.h"

using namespace facerec;

namespace {

const Quality good{40, 0.3F, 0, 0, 0.5F};

TrackedFace face(std::int64_t track, const Embedding& embedding, const Quality& quality = good) {
  return {track, &embedding, quality, false};
}
TrackedFace face_without_shot(std::int64_t track) {
  return {track, nullptr, good, false};
}

class TrackDecisionTest : public testing::Test {
 protected:
  TrackDecisionTest() { options.decision.threshold = 0.4; }

  std::vector<TrackVerdict> decide(const std::vector<TrackedFace>& faces) {
    return decisions.decide(faces, people, nullptr, options, time += 0.1);
  }
  TrackVerdict decide(const TrackedFace& face) { return decide(std::vector{face}).at(0); }

  /// The verdict after so many shots of a track that have nothing more in common.
  TrackVerdict decide(int shots, std::int64_t track, int axis, double cosine) {
    TrackVerdict verdict;
    for (int i = 0; i < shots; ++i) verdict = decide(face(track, view(axis, cosine, 40 + i)));
    return verdict;
  }

  std::shared_ptr<const Matcher> people = people_along({0, 1, 2});
  TrackDecisionOptions options;
  TrackDecisions decisions;
  double time = 0;
};

TEST_F(TrackDecisionTest, RecognisesSomebodyByTheFirstShot) {
  EXPECT_EQ(decide(face_without_shot(7)).reason, Reason::NoShot);
  const TrackVerdict verdict = decide(face(7, view(1, 0.8, 40)));
  EXPECT_EQ(verdict.state, TrackState::Recognised);
  EXPECT_EQ(verdict.reason, Reason::None);
  EXPECT_EQ(verdict.label, "p1");
  EXPECT_TRUE(verdict.accepted);
  EXPECT_EQ(verdict.shots, 1);
  EXPECT_EQ(verdict.nearest.at(0).name, "p1");
  EXPECT_NEAR(verdict.nearest[0].distance, 0.2, 1e-5);
  EXPECT_EQ(decide(face_without_shot(7)).label, "p1") << "and it stays";
}

TEST_F(TrackDecisionTest, RecognisesSomebodyByManyShotsWhereNoneIsEnough) {
  const TrackVerdict first = decide(1, 7, 0, 0.5);
  EXPECT_EQ(first.state, TrackState::Undecided);
  EXPECT_EQ(first.reason, Reason::FewShots);
  EXPECT_EQ(first.label, "");
  const TrackVerdict later = decide(2, 7, 0, 0.5);
  EXPECT_EQ(later.state, TrackState::Recognised);
  EXPECT_EQ(later.shots, 3);
}

TEST_F(TrackDecisionTest, ABadShotSpoilsNothing) {
  decide(face(7, view(0, 0.8, 40)));
  const Quality bad{8, 0.01F, 0, 0, 0.5F};
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(decide(face(7, view(1, 0.3, 41 + i), bad)).label, "p0");
  }
}

TEST_F(TrackDecisionTest, RecognisesAlikeInEveryMetric) {
  for (const Metric metric : {Metric::Euclidean, Metric::EuclideanL2}) {
    options.decision.metric = metric;
    options.decision.threshold = std::sqrt(2 * 0.4);
    people = people_along({0, 1, 2}, metric);
    decisions = {};
    EXPECT_EQ(decide(1, 7, 0, 0.5).reason, Reason::FewShots);
    EXPECT_EQ(decide(2, 7, 0, 0.5).label, "p0");
    EXPECT_EQ(decide(3, 8, 5, 0.9).label, "unknown-1");
  }
}

TEST_F(TrackDecisionTest, RefusesAnEmbeddingOfAnotherModel) {
  decide(face(7, view(0, 0.8, 40)));
  const Embedding other = view(0, 0.8, 40, "beef");
  error_of(ErrorCode::Mismatch, [&] { decide(face(7, other)); });
  people = people_along({0, 1, 2}, Metric::Cosine, "beef");
  EXPECT_EQ(decide(face(7, other)).label, "p0");
}

TEST_F(TrackDecisionTest, AnEmbeddingOfZerosIsNobody) {
  const Embedding zeros{"test", "f00d", std::vector<float>(dimension), true};
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(decide(face(7, zeros)).accepted);
  EXPECT_TRUE(decisions.end(7));
  EXPECT_EQ(decide(1, 7, 0, 0.8).label, "p0");
}

TEST_F(TrackDecisionTest, WithAnEmptyGalleryAllAreUnknown) {
  people = people_along({});
  EXPECT_EQ(decide(face(-1, view(0, 1, 40))).label, "unknown");
  EXPECT_EQ(decide(2, 7, 0, 0.8).reason, Reason::FewShots);
  const TrackVerdict verdict = decide(1, 7, 0, 0.8);
  EXPECT_EQ(verdict.state, TrackState::Unknown);
  EXPECT_EQ(verdict.label, "unknown-1");
  EXPECT_TRUE(verdict.nearest.empty());
}

TEST_F(TrackDecisionTest, DecidesAnewWhereTheGalleryChanged) {
  EXPECT_EQ(decide(3, 7, 3, 0.9).label, "unknown-1");
  people = people_along({0, 1, 2, 3});
  EXPECT_EQ(decide(face_without_shot(7)).label, "p3");
  people = people_along({0, 1, 2});
  EXPECT_EQ(decide(face_without_shot(7)).label, "unknown-2") << "the first was no stranger";
}

TEST_F(TrackDecisionTest, DecidesAnewWhereSomethingElseIsAsked) {
  EXPECT_EQ(decide(1, 7, 0, 0.7).label, "p0");
  options.decision.threshold = 0.2;
  EXPECT_EQ(decide(face_without_shot(7)).label, "");
  options.decision.threshold = 0.3;
  options.min_shots = 2;
  EXPECT_EQ(decide(face_without_shot(7)).label, "");
}

TEST_F(TrackDecisionTest, TakesAsManyShotsAsAreAsked) {
  options.min_shots = 3;
  for (int i = 1; i < 3; ++i) EXPECT_EQ(decide(1, 7, 0, 0.8).reason, Reason::FewShots);
  EXPECT_EQ(decide(1, 7, 0, 0.8).label, "p0");
  options.min_shots = 5;
  EXPECT_EQ(decide(4, 8, 5, 0.8).reason, Reason::FewShots) << "to be unknown, too";
  EXPECT_EQ(decide(1, 8, 5, 0.8).label, "unknown-1");
}

TEST_F(TrackDecisionTest, WhoLooksLikeTwoIsUndecided) {
  const TrackVerdict verdict = decide(face(7, view(0, std::sqrt(0.52), 1)));
  EXPECT_EQ(verdict.state, TrackState::Undecided);
  EXPECT_EQ(verdict.reason, Reason::BetweenTwo);
  EXPECT_FALSE(verdict.accepted);
  options.margin = 0.02;
  EXPECT_EQ(decide(face_without_shot(7)).label, "p0");
}

TEST_F(TrackDecisionTest, AFaceNearestToAnExampleOfNobodyGetsNoName) {
  const TemporaryFolder folder;
  Gallery gallery(folder / "people.db", Gallery::Mode::Create);
  gallery.enroll("p0", make_template(view(0, 1, 9).values));
  gallery.enroll(not_a_match, make_template(view(0, 0.8, 5).values));
  people = std::make_shared<const Matcher>(gallery, Metric::Cosine);
  const Embedding double_of_p0 = view(0, 0.85, 5);
  const TrackVerdict alone = decide(face(-1, double_of_p0));
  EXPECT_FALSE(alone.accepted);
  EXPECT_EQ(alone.label, "unknown");
  EXPECT_EQ(decide(face(-1, view(0, 0.9, 9))).label, "p0");

  TrackVerdict verdict;
  for (int i = 0; i < 3; ++i) verdict = decide(face(7, double_of_p0));
  EXPECT_EQ(verdict.state, TrackState::Unknown);
  EXPECT_EQ(verdict.label, "unknown-1");
  EXPECT_EQ(verdict.nearest.at(0).name, not_a_match);
  EXPECT_EQ(decide(face(8, view(0, 0.99, 9))).label, "p0");
  for (int i = 0; i < 12; ++i) verdict = decide(face(8, double_of_p0));
  EXPECT_NE(verdict.label, "p0") << "once many shots are nearer to nobody";
}

TEST_F(TrackDecisionTest, SaysWhatTheBestShotLacks) {
  struct Case {
    Quality quality;
    bool cut;
    Reason reason;
  };
  std::int64_t track = 0;
  for (const Case& c :
       {Case{{17, 0.3F, 0, 0, 0.5F}, false, Reason::TooSmall},
        Case{{40, 0.03F, 0, 0, 0.5F}, false, Reason::Blurred},
        Case{{40, 0.3F, 0, 50, 0.5F}, false, Reason::TurnedAway},
        Case{{40, 0.3F, 0, -50, 0.5F}, false, Reason::TurnedAway},
        Case{{40, 0.3F, 0, 0, 0.01F}, false, Reason::Dark}, Case{good, true, Reason::Cut}}) {
    const Embedding stranger = view(5, 1, 40);
    TrackVerdict verdict;
    ++track;
    for (int i = 0; i < 5; ++i) verdict = decide({track, &stranger, c.quality, c.cut});
    EXPECT_EQ(verdict.state, TrackState::Undecided);
    EXPECT_EQ(verdict.reason, c.reason) << to_string(c.reason);
    const Embedding known = view(0, 0.8, 40);
    EXPECT_EQ(decide({100 + track, &known, c.quality, c.cut}).label, "p0");
    decisions.end_all();
  }
  const Embedding stranger = view(5, 1, 40);
  decide(face(50, stranger, {8, 0.3F, 0, 0, 0.5F}));
  EXPECT_EQ(decide(face(50, stranger, {40, 0.03F, 0, 0, 0.5F})).reason, Reason::Blurred);
  EXPECT_EQ(decide(face(50, stranger, {5, 0.01F, 0, 50, 0.01F})).reason, Reason::Blurred);
  EXPECT_EQ(decide(face(50, stranger)).reason, Reason::FewShots) << "one that is good";
}

TEST_F(TrackDecisionTest, WhatIsNotKnownOfAShotIsGood) {
  const Embedding stranger = view(5, 1, 40);
  for (int i = 0; i < 2; ++i) decide(face(7, stranger, {}));
  EXPECT_EQ(decide(face(7, stranger, {})).state, TrackState::Unknown);
}

TEST_F(TrackDecisionTest, AStrangerIsOneAfterThreeGoodShots) {
  EXPECT_EQ(decide(2, 7, 5, 0.9).reason, Reason::FewShots);
  EXPECT_EQ(decide(face(7, view(5, 0.9, 43), {8, 0.3F})).reason, Reason::FewShots);
  const TrackVerdict verdict = decide(1, 7, 5, 0.9);
  EXPECT_EQ(verdict.state, TrackState::Unknown);
  EXPECT_EQ(verdict.reason, Reason::None);
  EXPECT_EQ(verdict.label, "unknown-1");
}

TEST_F(TrackDecisionTest, AStrangerKeepsHisNumber) {
  EXPECT_EQ(decide(3, 7, 5, 0.9).label, "unknown-1");
  EXPECT_EQ(decide(3, 8, 6, 0.9).label, "unknown-2");
  EXPECT_EQ(decide(1, 7, 5, 0.9).label, "unknown-1");
  decisions.end(7);
  decisions.end(8);
  EXPECT_EQ(decide(3, 9, 6, 0.8).label, "unknown-2") << "again";
  EXPECT_EQ(decide(3, 10, 9, 0.9).label, "unknown-3");
  EXPECT_EQ(decide(3, 11, 5, 0.8).label, "unknown-1") << "again";
}

TEST_F(TrackDecisionTest, TwoStrangersOfOneFrameAreTwo) {
  std::vector<TrackVerdict> verdicts;
  const Embedding one = view(5, 1, 40), other = view(5, 0.9, 41);
  for (int i = 0; i < 3; ++i) verdicts = decide({face(7, one), face(8, other)});
  EXPECT_EQ(verdicts[0].label, "unknown-1");
  EXPECT_EQ(verdicts[1].label, "unknown-2");

  EXPECT_EQ(decide(3, 9, 5, 1).label, "unknown-1") << "while neither of them is to be seen";
  verdicts = decide({face_without_shot(7), face_without_shot(8), face_without_shot(9)});
  EXPECT_EQ(verdicts[0].label, "unknown-1");
  EXPECT_EQ(verdicts[1].label, "unknown-2");
  EXPECT_EQ(verdicts[2].label, "unknown-3");
}

TEST_F(TrackDecisionTest, ANameHoldsAgainstWeakEvidence) {
  EXPECT_EQ(decide(1, 7, 0, 0.8).label, "p0");
  EXPECT_EQ(decide(5, 7, 9, 0.9).label, "p0") << "views that do not resemble anybody";
  // Nearer to another person, but not by the margin.
  EXPECT_EQ(decide(1, 7, 1, 0.83).label, "p0");
}

TEST_F(TrackDecisionTest, ANameChangesByStrongEvidence) {
  EXPECT_EQ(decide(1, 7, 0, 0.7).label, "p0");
  const TrackVerdict verdict = decide(1, 7, 1, 0.9);
  EXPECT_EQ(verdict.label, "p1");
  EXPECT_EQ(verdict.nearest.at(0).name, "p1");
}

TEST_F(TrackDecisionTest, ANameHoldsALittleBeyondTheThreshold) {
  for (const auto& [cosine, label] : {std::pair{0.56, "p0"}, {0.52, ""}}) {
    options.decision.threshold = 0.5;
    EXPECT_EQ(decide(1, 7, 0, cosine).label, "p0");
    options.decision.threshold = 0.4;
    const TrackVerdict verdict = decide(face_without_shot(7));
    EXPECT_EQ(verdict.label, label);
    EXPECT_EQ(verdict.accepted, verdict.state == TrackState::Recognised);
    decisions.end(7);
  }
}

TEST_F(TrackDecisionTest, TheBetterOneOfAFrameHasTheName) {
  const Embedding worse = view(0, 0.7, 40), better = view(0, 0.8, 41);
  const auto verdicts = decide({face(7, worse), face(8, better)});
  EXPECT_EQ(verdicts[0].state, TrackState::Undecided);
  EXPECT_EQ(verdicts[0].reason, Reason::NameTaken);
  EXPECT_EQ(verdicts[0].label, "");
  EXPECT_FALSE(verdicts[0].accepted);
  EXPECT_EQ(verdicts[1].label, "p0");
  EXPECT_EQ(decide(face_without_shot(7)).label, "p0") << "where it is alone";
}

TEST_F(TrackDecisionTest, WhoHadTheNameKeepsItUnlessTheOtherIsNearerByTheMargin) {
  for (const auto& [cosine, holder] : {std::pair{0.73, 0}, {0.76, 1}}) {
    const Embedding newcomer = view(0, cosine, 41);
    for (const bool newcomer_is_first : {false, true}) {
      EXPECT_EQ(decide(1, 7, 0, 0.7).label, "p0");
      std::vector<TrackedFace> faces{face_without_shot(7), face(8, newcomer)};
      if (newcomer_is_first) std::swap(faces[0], faces[1]);
      auto verdicts = decide(faces);
      if (newcomer_is_first) std::swap(verdicts[0], verdicts[1]);
      EXPECT_EQ(verdicts[holder].label, "p0");
      EXPECT_EQ(verdicts[1 - holder].reason, Reason::NameTaken);
      decisions.end_all();
    }
  }
}

TEST_F(TrackDecisionTest, TellsWhatBecameOfATrack) {
  EXPECT_FALSE(decisions.end(7));
  decide(face_without_shot(7));
  decide(face(7, view(0, 0.9, 40)));
  decide(face(7, view(0, 0.5, 40)));
  decide(face_without_shot(8));
  const auto summary = decisions.end(7);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->track, 7);
  EXPECT_NEAR(summary->from, 0.1, 1e-9);
  EXPECT_NEAR(summary->to, 0.3, 1e-9);
  EXPECT_NEAR(summary->best_distance, 0.1, 1e-5);
  EXPECT_EQ(summary->verdict.label, "p0");
  EXPECT_EQ(summary->verdict.shots, 2);
  EXPECT_FALSE(decisions.end(7));

  decide(3, 9, 5, 0.9);
  const auto rest = decisions.end_all();
  ASSERT_EQ(rest.size(), 2u);
  EXPECT_EQ(rest[0].track, 8);
  EXPECT_EQ(rest[0].verdict.reason, Reason::NoShot);
  EXPECT_TRUE(std::isnan(rest[0].best_distance));
  EXPECT_EQ(rest[1].verdict.label, "unknown-1");
  EXPECT_TRUE(decisions.end_all().empty());
}

TEST_F(TrackDecisionTest, TracksThatDoNotComeAreEnded) {
  decide(3, 7, 5, 0.9);
  time = 50;
  decide(1, 8, 0, 0.9);
  EXPECT_TRUE(decisions.end_unseen(time, 60).empty());
  const auto unseen = decisions.end_unseen(65, 60);
  ASSERT_EQ(unseen.size(), 1u);
  EXPECT_EQ(unseen[0].track, 7);
}

TEST_F(TrackDecisionTest, ATrackThatGoesOverToSomebodyElseIsDecidedAnew) {
  EXPECT_EQ(decide(5, 7, 0, 0.9).label, "p0");
  EXPECT_EQ(decide(face(7, view(1, 0.9, 40))).label, "p0") << "one shot may be a bad one";
  EXPECT_EQ(decide(1, 7, 0, 0.9).label, "p0");
  EXPECT_EQ(decide(face(7, view(1, 0.9, 40))).label, "p0");
  const TrackVerdict other = decide(face(7, view(1, 0.9, 41)));
  EXPECT_EQ(other.label, "p1");
  EXPECT_EQ(other.shots, 2);
}

TEST_F(TrackDecisionTest, ATrackThatGoesOverToAStrangerLosesTheName) {
  EXPECT_EQ(decide(5, 7, 0, 0.9).label, "p0");
  decide(face(7, view(20, 0.9, 40)));
  EXPECT_EQ(decide(face(7, view(20, 0.9, 41))).reason, Reason::FewShots);
  EXPECT_EQ(decide(face(7, view(20, 0.9, 42))).label, "unknown-1");
}

TEST_F(TrackDecisionTest, TimesMayRunBackwards) {
  time = 60;
  EXPECT_EQ(decide(1, 7, 0, 0.8).label, "p0");
  time = 0;
  EXPECT_EQ(decide(1, 7, 5, 0.9).label, "p0");
  EXPECT_EQ(decisions.end(7)->to, time);
}

TEST_F(TrackDecisionTest, AnExplicitThresholdIsTheOneOfAllFaces) {
  const Embedding near = view(0, 0.61, 40), far = view(0, 0.59, 40);
  for (const std::int64_t track : {-1, 7}) {
    EXPECT_EQ(decide(face(track, near)).threshold, 0.4);
    EXPECT_EQ(decide(face(track, near)).label, "p0");
  }
  EXPECT_FALSE(decide(face(-1, far)).accepted);
  EXPECT_FALSE(decide(face(8, far)).accepted);
}

TEST_F(TrackDecisionTest, FacesWithoutATrackAreDecidedByThemselves) {
  options.decision = {};
  Profile profile;
  profile.name = "test";
  profile.unit_length = true;
  profile.curves.insert({"cosine", {Calibration({{0.5, 0.1}, {1, 1}}, {0.03, 0}, 1000000), ""}});
  const Decision single(options.decision, *people, &profile);
  const Embedding near = view(0, 1 - single.threshold() + 0.001, 40);
  const auto decide_one = [&](const TrackedFace& one) {
    return decisions.decide({one}, people, &profile, options, 0).at(0);
  };
  const TrackVerdict alone = decide_one(face(-1, near));
  EXPECT_EQ(alone.label, "p0");
  EXPECT_EQ(alone.shots, 1);
  EXPECT_EQ(alone.threshold, single.threshold());
  EXPECT_NEAR(alone.false_name_rate, single.false_name_rate(alone.nearest[0].distance), 1e-12);
  EXPECT_EQ(decide_one(face(-1, view(5, 1, 40))).label, "unknown");
  EXPECT_EQ(decide_one(face_without_shot(-1)).reason, Reason::NoShot);
  EXPECT_TRUE(decisions.end_all().empty());

  const TrackVerdict tracked = decide_one(face(7, near));
  EXPECT_LT(tracked.threshold, single.threshold()) << "a track is looked up many times";
  EXPECT_FALSE(tracked.accepted);
  EXPECT_NEAR(tracked.false_name_rate, 4 * alone.false_name_rate, 1e-5);
  EXPECT_EQ(decisions.caution(), "");
}

}  // namespace
