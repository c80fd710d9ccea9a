// SPDX-License-Identifier: LGPL-2.1-or-later

#include "match/gallery_copy.h"

#include <map>

#include "gallery_fixtures.h"
#include "temporary_folder.h"

using namespace facerec;

namespace {

using Mode = Gallery::Mode;

class GalleryCopyTest : public testing::Test {
 protected:
  /// Embeddings by their person, in order.
  static std::multimap<std::string, std::vector<float>> content(const Gallery& gallery) {
    std::multimap<std::string, std::vector<float>> result;
    gallery.visit([&](const std::string& name, const Template& entry) {
      result.emplace(name, entry.embedding.values);
    });
    return result;
  }

  TemporaryFolder folder;
  Gallery from{folder / "from.db", Mode::Create};
  Gallery to{folder / "to.db", Mode::Create};
};

TEST_F(GalleryCopyTest, BringsAllThatThereIs) {
  Template ada = make_template({1, 2});
  ada.source = "ada.jpg";
  ada.quality.sharpness = 3;
  from.enroll("Ada", {ada, make_template({3, 4}), make_template({3, 4})});
  from.enroll("Émile", std::vector<Template>{});
  from.enroll("Bo", make_template({5, 6}));
  const GalleryCalibration calibration{0.01, 0.5,
                                       Calibration({{0.1, 0.01}, {1, 1}}, {0.1, 0}, 100)};
  from.calibrate(Metric::EuclideanL2, calibration);

  std::size_t last = 0;
  const GalleryCopy copy = copy_gallery(from, to, [&](std::size_t done, std::size_t all) {
    EXPECT_EQ(all, 4U);
    EXPECT_EQ(done, ++last);
  });
  EXPECT_EQ(copy.copied, 4U);
  EXPECT_EQ(copy.present, 0U);
  EXPECT_EQ(last, 4U);
  EXPECT_EQ(content(to), content(from));
  EXPECT_EQ(to.people().size(), 3U);
  EXPECT_EQ(to.model().fingerprint, "f00d");
  EXPECT_EQ(to.calibration(Metric::EuclideanL2).value().threshold, 0.5);
  const Template first = to.templates().front();
  EXPECT_EQ(first.source, "ada.jpg");
  EXPECT_EQ(first.time, ada.time);
  EXPECT_EQ(first.quality.sharpness, 3);
}

TEST_F(GalleryCopyTest, GoesOnWhereItWasCutShortAndKeepsWhatIsThereBesides) {
  std::vector<Enrolment> people;
  for (int i = 0; i < 50; ++i) {
    people.push_back({"P" + std::to_string(i), {make_template({1, float(i)})}});
  }
  from.enroll(people);
  people.resize(20);
  to.enroll(people);
  to.enroll("P3", make_template({9, 9}));
  to.enroll("Other", make_template({7, 7}));

  const GalleryCopy copy = copy_gallery(from, to);
  EXPECT_EQ(copy.copied, 30U);
  EXPECT_EQ(copy.present, 20U);
  EXPECT_EQ(to.people().size(), 51U);
  EXPECT_EQ(to.templates().size(), 52U);
  const auto position = to.position();
  EXPECT_EQ(copy_gallery(from, to).copied, 0U);
  EXPECT_TRUE(to.position() == position);
}

TEST_F(GalleryCopyTest, RefusesAnotherModelAndItself) {
  from.enroll("Ada", make_template({1, 2}));
  to.enroll("Bo", make_template({1, 2}, "other", "beef"));
  error_of(ErrorCode::Mismatch, [&] { copy_gallery(from, to); });
  EXPECT_EQ(to.people().size(), 1U);
  Gallery same(folder / "from.db", Mode::ReadWrite);
  error_of(ErrorCode::Settings, [&] { copy_gallery(from, same); });
}

}  // namespace
