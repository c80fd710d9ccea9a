// SPDX-License-Identifier: LGPL-2.1-or-later

#include "match/enrolment.h"

#include <gtest/gtest.h>

#include <cmath>

#include "gallery_fixtures.h"
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
    return EnrolmentCheck(&gallery, name, profile).examine(entry.embedding).likeness;
  }

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
      EnrolmentCheck(&gallery, "Zoë", profile).examine(at(60).embedding);
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
  EnrolmentCheck check(&gallery, "Cy", profile);
  check.add(at(200).embedding);
  EXPECT_EQ(check.examine(at(200).embedding).likeness, Likeness::Same);
  EXPECT_EQ(check.examine(at(160).embedding).likeness, Likeness::New);
  EXPECT_EQ(check.examine(at(100).embedding).likeness, Likeness::OfAnother);
  EnrolmentCheck first(nullptr, "Cy", profile);
  EXPECT_EQ(first.examine(at(0).embedding).likeness, Likeness::New);
  first.add(at(0).embedding);
  EXPECT_EQ(first.examine(at(0).embedding).likeness, Likeness::Same);
}
