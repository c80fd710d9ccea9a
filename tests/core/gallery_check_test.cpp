// SPDX-License-Identifier: LGPL-2.1-or-later

#include "match/gallery_check.h"

#include <gtest/gtest.h>

#include <cmath>

#include "gallery_fixtures.h"
#include "temporary_folder.h"

using namespace facerec;

/// A gallery of embeddings in a plane, 30 degrees apart at most where they are a pair.
class GalleryCheckTest : public testing::Test {
 protected:
  GalleryCheckTest() { options.decision.threshold = 1 - std::cos(30 * M_PI / 180); }

  void enroll(const std::string& name, const std::vector<double>& degrees, double length = 1) {
    for (const double angle : degrees) {
      Template entry = make_template({static_cast<float>(length * std::cos(angle * M_PI / 180)),
                                      static_cast<float>(length * std::sin(angle * M_PI / 180))});
      entry.source = name + std::to_string(std::lround(angle)) + ".jpg";
      gallery.enroll(name, entry);
    }
  }
  void enroll_zero(const std::string& name) { gallery.enroll(name, make_template({0, 0})); }
  void enroll(const std::string& name, double degrees, const Quality& quality) {
    Template entry = make_template({static_cast<float>(std::cos(degrees * M_PI / 180)),
                                    static_cast<float>(std::sin(degrees * M_PI / 180))});
    entry.quality = quality;
    gallery.enroll(name, entry);
  }
  /// Each a person, of a model whose strangers' distances are known.
  void enroll_with_facts(const std::vector<Template>& entries) {
    Profile profile;
    profile.name = "test";
    profile.role = Role::Embedder;
    profile.input = {64, 48};
    profile.files.emplace_back().name = "test.onnx";
    profile.template_name = "dlib";
    profile.dimension = 2;
    profile.thresholds["cosine"] = {0.3, "made up"};
    profile.curves.insert({"cosine", {curve, "made up"}});
    const ModelFacts facts{profile, "test"};
    for (const Template& entry : entries) {
      gallery.enroll("P" + std::to_string(++enrolled), {entry}, &facts);
    }
  }
  /// "flaw photo other" of each.
  std::vector<std::string> found() const {
    std::vector<std::string> lines;
    for (const GalleryFinding& finding : check_gallery(gallery, options).found) {
      lines.push_back(std::string(to_string(finding.flaw)) + ' ' + finding.photo.source + ' ' +
                      finding.other.source);
    }
    return lines;
  }
  GalleryFinding only() const {
    const auto findings = check_gallery(gallery, options).found;
    EXPECT_EQ(findings.size(), 1u);
    return findings.empty() ? GalleryFinding() : findings[0];
  }
  static double cosine(double degrees) { return 1 - std::cos(degrees * M_PI / 180); }
  using Lines = std::vector<std::string>;

  TemporaryFolder folder;
  Gallery gallery{folder / "people.db", Gallery::Mode::Create};
  TrackDecisionOptions options;
  const Calibration curve{{{0.2, 0.01}, {0.5, 0.1}, {1, 0.5}, {2, 1}}, {0.05, 0}, 1000};
  int enrolled = 0;
};

TEST_F(GalleryCheckTest, AnEmptyGalleryHasNoFlaws) {
  options = {};
  const GalleryFindings findings = check_gallery(gallery, options);
  EXPECT_TRUE(findings.found.empty());
  EXPECT_EQ(findings.people, 0);
  EXPECT_EQ(findings.templates, 0);
  EXPECT_TRUE(std::isnan(findings.pair_threshold));
}

TEST_F(GalleryCheckTest, WhatIsWellEnrolledIsNotReported) {
  enroll("Ada", {0, 10, 20});
  enroll("Bo", {90, 100});
  enroll("Cy", {180});
  for (const Metric metric : all_metrics()) {
    options.decision.metric = metric;
    options.decision.threshold = metric == Metric::Cosine ? cosine(30) : std::sqrt(2 * cosine(30));
    const GalleryFindings findings = check_gallery(gallery, options);
    EXPECT_EQ(found(), Lines{});
    EXPECT_EQ(findings.people, 3);
    EXPECT_EQ(findings.templates, 6);
    EXPECT_EQ(findings.name_threshold, options.decision.threshold);
  }
}

TEST_F(GalleryCheckTest, APhotoNearerToAnotherPersonIsReported) {
  enroll("Ada", {0, 40});
  enroll("Bo", {75, 85});
  const GalleryFinding finding = only();
  EXPECT_EQ(finding.flaw, GalleryFlaw::NearerToAnother);
  EXPECT_EQ(finding.photo.id, 2);
  EXPECT_EQ(finding.photo.person, "Ada");
  EXPECT_EQ(finding.photo.source, "Ada40.jpg");
  EXPECT_EQ(finding.other.id, 3);
  EXPECT_EQ(finding.other.person, "Bo");
  EXPECT_EQ(finding.other.source, "Bo75.jpg");
  EXPECT_NEAR(finding.value, cosine(35), 1e-6);
  EXPECT_NEAR(finding.limit, cosine(40), 1e-6);
}

TEST_F(GalleryCheckTest, OfOnePhotoNothingSaysThatItIsNearerToAnother) {
  enroll("Ada", {0});
  enroll("Bo", {35, 45});
  EXPECT_EQ(found(), Lines{});
}

TEST_F(GalleryCheckTest, APhotoUnlikeTheOthersIsReported) {
  enroll("Ada", {0, 10, 50});
  const GalleryFinding finding = only();
  EXPECT_EQ(finding.flaw, GalleryFlaw::UnlikeOwn);
  EXPECT_EQ(finding.photo.source, "Ada50.jpg");
  EXPECT_EQ(finding.other.source, "Ada10.jpg");
  EXPECT_NEAR(finding.value, cosine(40), 1e-6);
  EXPECT_EQ(finding.limit, options.decision.threshold);
}

TEST_F(GalleryCheckTest, WherePhotosDoNotAgreeNoneIsUnlikeTheOthers) {
  enroll("Ada", {0, 40});
  enroll("Bo", {120, 130, 170, 230});
  EXPECT_EQ(found(), Lines{});
}

TEST_F(GalleryCheckTest, ARepeatedPhotoIsReportedAndComparedAsTheFirst) {
  enroll("Ada", {50, 50.01, 50.02, 0, 10});
  EXPECT_EQ(found(), (Lines{"unlike-own Ada50.jpg Ada10.jpg", "unlike-own Ada50.jpg Ada10.jpg",
                            "unlike-own Ada50.jpg Ada10.jpg", "repeated Ada50.jpg Ada50.jpg",
                            "repeated Ada50.jpg Ada50.jpg"}));
  const GalleryFinding last = check_gallery(gallery, options).found.back();
  EXPECT_EQ(last.photo.id, 3);
  EXPECT_EQ(last.other.id, 1);
  EXPECT_LE(last.value, last.limit);
}

TEST_F(GalleryCheckTest, APhotoTwiceIsNotTwoThatAgree) {
  enroll("Ada", {0, 0, 50});
  EXPECT_EQ(found(), Lines{"repeated Ada0.jpg Ada0.jpg"});
}

TEST_F(GalleryCheckTest, TwoNamesOfOnePersonAreReportedOnce) {
  enroll("Ada", {0, 10});
  enroll("Bo", {80, 85});
  enroll("ADA", {28, 36});
  const GalleryFinding finding = only();
  EXPECT_EQ(finding.flaw, GalleryFlaw::TwoNames);
  EXPECT_EQ(finding.photo.source, "Ada10.jpg");
  EXPECT_EQ(finding.other.source, "ADA28.jpg");
  EXPECT_NEAR(finding.value, cosine(18), 1e-6);
  EXPECT_EQ(finding.limit, options.decision.threshold);
}

TEST_F(GalleryCheckTest, EveryPairOfSeveralNamesIsReported) {
  enroll("Ada", {0});
  enroll("ADA", {5});
  enroll("ada b", {12});
  EXPECT_EQ(found(), (Lines{"two-names Ada0.jpg ADA5.jpg", "two-names ADA5.jpg ada b12.jpg",
                            "two-names Ada0.jpg ada b12.jpg"}))
      << "the nearest first";
}

TEST_F(GalleryCheckTest, ManyTemplatesAreLookedUpAll) {
  for (int i = 0; i < 150; ++i) {  // several passes
    std::vector<float> values(150);
    values[i] = 1;
    gallery.enroll("P" + std::to_string(i), make_template(values));
  }
  EXPECT_EQ(found(), Lines{});
  std::vector<float> values(150);
  values[149] = 2;
  gallery.enroll("Last", make_template(values));
  EXPECT_EQ(only().photo.person, "P149");
  EXPECT_EQ(only().other.person, "Last");
}

TEST_F(GalleryCheckTest, BadShotsAreReportedWithWhatTheyLack) {
  enroll("Ada", 0, {17, 0.3F, 0, 0});
  enroll("Bo", 90, {40, 0.3F, 0, -46});
  enroll("Cy", 180, {40, 0.03F, 0, 0});
  enroll("Di", 270, {18, 0.04F, 90, 45});
  enroll("Eve", 45, Quality());
  const auto findings = check_gallery(gallery, options).found;
  ASSERT_EQ(findings.size(), 3u);
  const Reason reasons[] = {Reason::TooSmall, Reason::TurnedAway, Reason::Blurred};
  const double values[] = {17, 46, 0.03}, limits[] = {18, 45, 0.04};
  for (std::size_t i = 0; i < findings.size(); ++i) {
    EXPECT_EQ(findings[i].flaw, GalleryFlaw::BadShot);
    EXPECT_EQ(findings[i].photo.id, static_cast<std::int64_t>(i) + 1);
    EXPECT_EQ(findings[i].other.id, 0);
    EXPECT_EQ(findings[i].reason, reasons[i]);
    EXPECT_NEAR(findings[i].value, values[i], 1e-6);
    EXPECT_NEAR(findings[i].limit, limits[i], 1e-6);
  }
}

TEST_F(GalleryCheckTest, WhatHasNoDirectionIsLikeNobody) {
  enroll("Ada", {0, 10, 20});
  for (const char* name : {"Ada", "Ada", "Bo", "Bo"}) enroll_zero(name);
  EXPECT_EQ(found(), Lines{});
}

TEST_F(GalleryCheckTest, PlacesAreComparedByTheEuclideanMetric) {
  options.decision.metric = Metric::Euclidean;
  options.decision.threshold = 5;
  enroll("Ada", {0}, 100);
  enroll("Ada", {0}, 104);
  enroll("Ada", {0}, 120);
  enroll("Bo", {0}, 128);
  enroll("Cy", {0}, 132);
  enroll_zero("Di");
  EXPECT_EQ(found(), (Lines{"nearer-to-another Ada0.jpg Bo0.jpg", "unlike-own Ada0.jpg Ada0.jpg",
                            "two-names Bo0.jpg Cy0.jpg"}));
  enroll("Ada", {0}, 100.05);
  enroll_zero("Di");
  const GalleryFindings findings = check_gallery(gallery, options);
  ASSERT_EQ(findings.found.size(), 5u);
  EXPECT_EQ(findings.found[2].flaw, GalleryFlaw::Repeated);
  EXPECT_NEAR(findings.found[2].limit, 0.10005, 1e-5) << "a thousandth of the length";
  EXPECT_EQ(findings.found[3].flaw, GalleryFlaw::Repeated);
  EXPECT_EQ(findings.found[3].value, 0) << "two zeros are one place";
}

TEST_F(GalleryCheckTest, ThresholdsAreTheGallerysOwn) {
  options = {};
  enroll_with_facts({make_template({1, 0}), make_template({0, 1})});
  const Decision decision(options.decision, Matcher(gallery, Metric::Cosine), nullptr);
  GalleryFindings findings = check_gallery(gallery, options);
  EXPECT_EQ(findings.pair_threshold, 0.3);
  EXPECT_EQ(findings.name_threshold, decision.threshold());
  options.decision.false_name_rate = 0.1;
  EXPECT_GT(check_gallery(gallery, options).name_threshold, findings.name_threshold);

  gallery.calibrate(Metric::Cosine, {0.01, 0.25, curve});
  EXPECT_EQ(check_gallery(gallery, options).pair_threshold, 0.25);
  options.decision.threshold = 0.2;
  findings = check_gallery(gallery, options);
  EXPECT_EQ(findings.pair_threshold, 0.2);
  EXPECT_EQ(findings.name_threshold, 0.2);
}

TEST_F(GalleryCheckTest, TheRateOfANameIsTold) {
  options = {};
  enroll_with_facts({make_template({1, 0}), make_template({2, 0})});
  const GalleryFinding finding = only();
  EXPECT_EQ(finding.flaw, GalleryFlaw::TwoNames);
  EXPECT_GT(finding.false_name_rate, 0);
  EXPECT_LE(finding.false_name_rate, options.decision.false_name_rate);
}

TEST_F(GalleryCheckTest, WithoutAThresholdItSaysWhatToDo) {
  options = {};
  enroll("Ada", {0});
  const std::string text = error_of(ErrorCode::Settings, [&] { check_gallery(gallery, options); });
  EXPECT_NE(text.find("set a threshold"), std::string::npos) << text;
}
