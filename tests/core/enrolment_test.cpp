// SPDX-License-Identifier: LGPL-2.1-or-later

#include "match/enrolment.h"

#include <gtest/gtest.h>

#include <cmath>

#include "gallery_fixtures.h"
#include "store/person_name.h"
#include "temporary_folder.h"

using namespace facerec;

class EnrolmentTest : public testing::Test {
 protected:
  EnrolmentTest() {
    profile.name = "test";
    profile.thresholds["cosine"] = {0.2, "made up"};
    gallery.enroll("Zoë", at(0));
    gallery.enroll("Bo", at(90));
  }

  static Template at(double degrees, double length = 1) {
    const double angle = degrees * M_PI / 180;
    return make_template({static_cast<float>(length * std::cos(angle)),
                          static_cast<float>(length * std::sin(angle))});
  }
  Likeness of(const std::string& name, const Template& entry) const {
    return of(name, std::vector<Template>{entry}).front();
  }
  std::vector<Likeness> of(const std::string& name, const std::vector<Template>& entries,
                           bool force = false) const {
    return likenesses(EnrolmentCheck(&gallery, name, profile), entries, force);
  }
  static std::vector<Likeness> likenesses(const EnrolmentCheck& check,
                                          const std::vector<Template>& entries,
                                          bool force = false) {
    std::vector<Embedding> photos;
    for (const Template& entry : entries) photos.push_back(entry.embedding);
    std::vector<Likeness> found;
    for (const Resemblance& each : check.examine(photos, force)) found.push_back(each.likeness);
    return found;
  }
  using Likenesses = std::vector<Likeness>;

  TemporaryFolder folder;
  Gallery gallery{folder / "people.db", Gallery::Mode::Create};
  Profile profile;
};

TEST_F(EnrolmentTest, TheSamePhotoIsKnownAgain) {
  EXPECT_EQ(of("Zoë", at(0)), Likeness::Same);
  EXPECT_EQ(of("Zoe\u0308", at(0.01)), Likeness::Same);
  EXPECT_EQ(of("Zoë", at(1)), Likeness::New);
  EXPECT_EQ(of("Bo", at(90, 3)), Likeness::Same) << "directions are compared";
  profile.thresholds = {{"euclidean", {0.5, "made up"}}};
  EXPECT_EQ(of("Bo", at(90, 3)), Likeness::New) << "and places where the model wants that";
}

TEST_F(EnrolmentTest, APhotoOfAnotherPersonIsNoticed) {
  EXPECT_EQ(of("Zoë", at(40)), Likeness::New);
  EXPECT_EQ(of("Zoë", at(50)), Likeness::OfAnother);
  EXPECT_EQ(of("Zoë", at(90)), Likeness::OfAnother);
  const Resemblance resemblance =
      EnrolmentCheck(&gallery, "Zoë", profile).examine({at(60).embedding}).front();
  EXPECT_EQ(resemblance.other, "Bo");
  EXPECT_NEAR(resemblance.other_distance, 1 - std::cos(M_PI / 6), 1e-6);
  EXPECT_NEAR(resemblance.own_distance, 0.5, 1e-6);
}

TEST_F(EnrolmentTest, ANewPersonMustNotBeTakenForAnother) {
  EXPECT_EQ(of("Cy", at(100)), Likeness::OfAnother);
  EXPECT_EQ(of("Cy", at(45)), Likeness::New);
  EXPECT_EQ(of("Cy", at(200)), Likeness::New);
  profile.thresholds.clear();
  EXPECT_EQ(of("Cy", at(100)), Likeness::New) << "nothing is known of the model";
}

TEST_F(EnrolmentTest, PhotosOfTheSameEnrolmentCount) {
  EXPECT_EQ(of("Cy", {at(200), at(200), at(160), at(100), at(100)}),
            (Likenesses{Likeness::New, Likeness::Same, Likeness::New, Likeness::OfAnother,
                        Likeness::OfAnother}));
  EXPECT_EQ(likenesses({nullptr, "Cy", profile}, {at(0), at(0)}),
            (Likenesses{Likeness::New, Likeness::Same}));
}

TEST_F(EnrolmentTest, APhotoUnlikeItsPersonsOthersIsNoticed) {
  EXPECT_EQ(of("Zoë", at(-60)), Likeness::New) << "one photo says nothing";
  gallery.enroll("Zoë", at(-10));
  EXPECT_EQ(of("Zoë", at(-45)), Likeness::New);
  EXPECT_EQ(of("Zoë", at(-60)), Likeness::UnlikeOwn);
  const EnrolmentCheck check(&gallery, "Zoe\u0308", profile);
  EXPECT_EQ(check.pair_threshold(), 0.2);
  const Resemblance found = check.examine({at(-70).embedding}).front();
  EXPECT_EQ(found.likeness, Likeness::UnlikeOwn);
  EXPECT_NEAR(found.own_distance, 0.5, 1e-6);

  EXPECT_EQ(of("Zoë", {at(-60)}, true), Likenesses{Likeness::New});
  EXPECT_EQ(of("Zoë", {at(-60), at(-70)}), (Likenesses{Likeness::New, Likeness::New}))
      << "they are like one another";
  gallery.enroll("Zoë", at(-60));
  EXPECT_EQ(of("Zoë", at(-60)), Likeness::Same) << "it is there already";
  EXPECT_EQ(of("Zoë", at(-120)), Likeness::New) << "her photos do not agree";
}

TEST_F(EnrolmentTest, TheOrderOfPhotosDoesNotTellWhichIsUnlike) {
  const Likenesses wanted{Likeness::UnlikeOwn, Likeness::UnlikeOwn, Likeness::New, Likeness::New};
  EXPECT_EQ(of("Cy", {at(270), at(270), at(200), at(190)}), wanted);
  EXPECT_EQ(of("Cy", {at(200), at(270), at(190), at(270)}),
            (Likenesses{Likeness::New, Likeness::UnlikeOwn, Likeness::New, Likeness::UnlikeOwn}));
  EXPECT_EQ(likenesses({nullptr, "Cy", profile}, {at(270), at(270), at(200), at(190)}), wanted);
}

TEST_F(EnrolmentTest, OnesOfDifferentPeopleNeedNotBeAlike) {
  const std::vector<Template> entries{at(0), at(5), at(100), at(200)};
  EXPECT_EQ(of(not_a_match, entries), Likenesses(4, Likeness::New));
}

TEST_F(EnrolmentTest, WhatIsUnlikeFollowsTheGallerysThreshold) {
  gallery.enroll("Zoë", at(-10));
  gallery.calibrate(Metric::Cosine, {0.01, 0.4, {{{0.2, 0.01}, {1, 0.5}}, {0.05, 0}, 1000}});
  EXPECT_EQ(of("Zoë", at(-60)), Likeness::New);
  EXPECT_EQ(of("Zoë", at(-70)), Likeness::UnlikeOwn);
  profile.thresholds.clear();
  TemporaryFolder other;
  Gallery plain(other / "people.db", Gallery::Mode::Create);
  plain.enroll("Zoë", {at(0), at(-10)});
  EXPECT_EQ(likenesses({&plain, "Zoë", profile}, {at(-90)}), Likenesses{Likeness::New})
      << "nothing is known of the model";
}
