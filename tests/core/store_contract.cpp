// SPDX-License-Identifier: LGPL-2.1-or-later

// What every store of galleries does.

#include "store_contract.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <future>
#include <limits>
#include <random>
#include <thread>

#include "gallery_fixtures.h"
#include "match/gallery_copy.h"
#include "match/gallery_watch.h"
#include "match/matcher.h"
#include "temporary_folder.h"

using namespace facerec;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Mode = Gallery::Mode;

namespace {

class StoreContract : public testing::Test {
 protected:
  void SetUp() override {
    StoreUnderTest* store = store_under_test();
    if (!store) GTEST_SKIP();
    name = store->fresh_name();
  }

  void enroll(const std::string& person, const std::vector<float>& values) const {
    Gallery(name, Mode::Create).enroll(person, make_template(values));
  }

  /// Seconds until it holds; fails after ten.
  static double seconds_until(const std::function<bool()>& holds) {
    const auto begin = Clock::now();
    while (!holds()) {
      if (Clock::now() - begin > 10s) {
        ADD_FAILURE() << "it does not come about";
        break;
      }
      std::this_thread::sleep_for(5ms);
    }
    return std::chrono::duration<double>(Clock::now() - begin).count();
  }

  std::string name;
};

}  // namespace

TEST_F(StoreContract, IsCopiedToAFileAndBack) {
  enroll("Ada", {1, 2});
  enroll("Émile", {3, 4});
  const std::string other = store_under_test()->fresh_name();
  const TemporaryFolder folder;
  Gallery file(folder / "people.db", Mode::Create), back(other, Mode::Create);
  EXPECT_EQ(copy_gallery(Gallery(name, Mode::ReadOnly), file).copied, 2U);
  EXPECT_EQ(copy_gallery(file, back).copied, 2U);
  EXPECT_EQ(copy_gallery(file, back).present, 2U);
  EXPECT_EQ(back.people().size(), 2U);
  EXPECT_EQ(back.templates().at(1).embedding.values, (std::vector<float>{3, 4}));
}

TEST_F(StoreContract, WhatIsEnrolledIsReadBackExactly) {
  auto entry = make_template({0.5f, -1.25f, 3e-30f, -0.0f, std::numeric_limits<float>::denorm_min(),
                              std::numeric_limits<float>::max()});
  entry.embedding.unit_length = true;
  entry.quality = {40.125f, 0.5f, -3, NAN};
  entry.source = "file:///b%20c/é 'x' \\.jpg";
  entry.time = 1700000000123;
  const Profile profile = test_profile(6);
  const ModelFacts facts{profile, "/somewhere/tést.json"};
  const Calibration curve({{0.6, 0.1}, {0.9, 1}}, {0.1, 0}, 200);
  std::int64_t ada = 0, elodie = 0;
  {
    Gallery gallery(name, Mode::Create);
    EXPECT_TRUE(gallery.model().name.empty());
    EXPECT_FALSE(gallery.facts());
    ada = gallery.enroll("Ada", {entry}, &facts);
    elodie = gallery.enroll("Élodie 周 '); DROP TABLE person;--", entry);
    gallery.calibrate(Metric::Cosine, {0.5, 0.25, curve});
    gallery.calibrate(Metric::Cosine, {0.001, 1.0 / 3, curve});
  }
  const Gallery gallery(name, Mode::ReadOnly);
  const auto people = gallery.people();
  ASSERT_EQ(people.size(), 2u);
  EXPECT_EQ(people[0].name, "Ada");
  EXPECT_EQ(people[0].id, ada);
  EXPECT_EQ(people[0].template_count, 1);
  EXPECT_EQ(people[1].name, "Élodie 周 '); DROP TABLE person;--");
  EXPECT_EQ(gallery.name_of(elodie), people[1].name);
  EXPECT_FALSE(gallery.name_of(elodie + 1000));
  EXPECT_EQ(gallery.model().name, "test");
  EXPECT_EQ(gallery.model().fingerprint, "f00d");
  const auto kept = gallery.facts();
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->location, facts.location);
  EXPECT_EQ(to_json(kept->profile), to_json(profile));
  const auto calibration = gallery.calibration(Metric::Cosine);
  ASSERT_TRUE(calibration);
  EXPECT_EQ(calibration->false_accept_rate, 0.001);
  EXPECT_EQ(calibration->threshold, 1.0 / 3);
  EXPECT_EQ(to_json(calibration->curve), to_json(curve));
  EXPECT_FALSE(gallery.calibration(Metric::Euclidean));

  const auto templates = gallery.templates();
  ASSERT_EQ(templates.size(), 2u);
  EXPECT_EQ(templates[0].person_id, ada);
  EXPECT_EQ(templates[1].person_id, elodie);
  for (const Template& one : templates) {
    EXPECT_EQ(one.embedding.values, entry.embedding.values);
    EXPECT_TRUE(std::signbit(one.embedding.values[3]));
    EXPECT_TRUE(one.embedding.unit_length);
    EXPECT_EQ(one.embedding.model, "test");
    EXPECT_EQ(one.embedding.fingerprint, "f00d");
    EXPECT_EQ(one.source, entry.source);
    EXPECT_EQ(one.time, entry.time);
    EXPECT_EQ(one.quality.eye_distance, 40.125f);
    EXPECT_EQ(one.quality.sharpness, 0.5f);
    EXPECT_EQ(one.quality.roll, -3);
    EXPECT_TRUE(std::isnan(one.quality.yaw));
  }
}

TEST_F(StoreContract, AGalleryThatIsNotThereIsSaid) {
  EXPECT_FALSE(gallery_exists(name));
  for (const Mode mode : {Mode::ReadOnly, Mode::ReadWrite}) {
    const auto text = error_of(ErrorCode::NotFound, [&] { Gallery(name, mode); });
    EXPECT_NE(text.find("facerec enroll"), std::string::npos) << text;
  }
  { Gallery(name, Mode::Create); }
  EXPECT_TRUE(gallery_exists(name));
  EXPECT_TRUE(Gallery(name, Mode::ReadOnly).people().empty());
}

TEST_F(StoreContract, NamesThatReadAlikeAreOnePerson) {
  Gallery gallery(name, Mode::Create);
  const auto zoe = gallery.enroll("Zoe\u0308 ", make_template({1, 2}));
  EXPECT_EQ(gallery.enroll("Zo\u200bë", make_template({1, 2})), zoe);
  gallery.enroll({{"Zoë", {make_template({1, 2})}}, {" Zoë", {make_template({1, 2})}}});
  ASSERT_EQ(gallery.people().size(), 1u);
  EXPECT_EQ(gallery.people()[0].name, "Zoë");
  EXPECT_EQ(gallery.people()[0].template_count, 4);
  gallery.remove("\ufeffZoe\u0308");
  EXPECT_TRUE(gallery.people().empty());
  error_of(ErrorCode::NotFound, [&] { gallery.remove("Zoë"); });
}

TEST_F(StoreContract, AnotherModelIsRefusedAndNothingChanges) {
  Gallery gallery(name, Mode::Create);
  gallery.enroll("Ada", make_template({1, 2}));
  const GalleryPosition before = gallery.position();
  error_of(ErrorCode::Mismatch, [&] {
    gallery.enroll("Bo", make_template({1, 2}, "test", "beef"));
  });
  error_of(ErrorCode::Mismatch, [&] { gallery.enroll("Bo", make_template({1, 2, 3})); });
  EXPECT_EQ(gallery.people().size(), 1u);
  EXPECT_EQ(gallery.position(), before);
}

TEST_F(StoreContract, ManyAreEnrolledInTheirOrderAllOrNobody) {
  std::vector<Enrolment> people;
  for (int i = 0; i < 12000; ++i) {
    people.push_back({"P" + std::to_string(i), {make_template({float(i), 1})}});
  }
  people.push_back({"P7", {make_template({7, 2}), make_template({7, 3})}});
  Gallery gallery(name, Mode::Create);
  gallery.enroll(people);
  const Matcher matcher(Gallery(name, Mode::ReadOnly), Metric::Euclidean);
  EXPECT_EQ(matcher.person_count(), 12000);
  EXPECT_EQ(matcher.template_count(), 12002);
  std::int64_t before = 0;
  int index = 0;
  gallery.visit([&](const std::string& person, const Template& entry) {
    EXPECT_GT(entry.id, before);
    before = entry.id;
    if (index < 12000) {
      EXPECT_EQ(person, "P" + std::to_string(index));
      EXPECT_EQ(entry.embedding.values[0], index);
    }
    ++index;
  });
  EXPECT_EQ(index, 12002);
  people.push_back({"last", {make_template({1, 2, 3})}});
  error_of(ErrorCode::Mismatch, [&] { gallery.enroll(people); });
  EXPECT_EQ(gallery.people().size(), 12000u);
}

TEST_F(StoreContract, TheLastTemplateTakesModelAndCalibrationAlong) {
  Gallery gallery(name, Mode::Create);
  const auto ada = gallery.enroll("Ada", make_template({1, 2}));
  const auto bo = gallery.enroll("Bo", make_template({1, 2}));
  gallery.calibrate(Metric::Cosine, {0.001, 0.5, Calibration({{0.6, 0.1}, {0.9, 1}}, {0.1, 0}, 9)});
  gallery.remove("Bo");
  EXPECT_EQ(gallery.model().name, "test");
  EXPECT_TRUE(gallery.calibration(Metric::Cosine));
  gallery.remove("Ada");
  EXPECT_TRUE(gallery.people().empty());
  EXPECT_TRUE(gallery.templates().empty());
  EXPECT_TRUE(gallery.model().fingerprint.empty());
  EXPECT_FALSE(gallery.calibration(Metric::Cosine));
  const auto cy = gallery.enroll("Cy", make_template({1, 2, 3}, "other", "beef"));
  EXPECT_GT(cy, std::max(ada, bo)) << "an id must not come to mean somebody else";
}

TEST_F(StoreContract, TheLogTellsWhoHasChanged) {
  Gallery gallery(name, Mode::Create);
  const auto ada = gallery.enroll("Ada", make_template({1, 2}));
  const auto bo = gallery.enroll("Bo", make_template({1, 2}));
  const GalleryPosition begin = gallery.position();
  EXPECT_GT(begin.sequence, 0);
  EXPECT_EQ(gallery.changed_since(begin), std::vector<std::int64_t>());
  gallery.enroll("Ada", make_template({2, 1}));
  gallery.remove("Bo");
  gallery.enroll("Ada", make_template({2, 2}));
  EXPECT_EQ(gallery.changed_since(begin), (std::vector<std::int64_t>{ada, bo}));
  const GalleryPosition end = gallery.position();
  EXPECT_GT(end.sequence, begin.sequence);
  gallery.calibrate(Metric::Cosine, {0.001, 0.5, Calibration({{0.6, 0.1}, {0.9, 1}}, {0.1, 0}, 9)});
  EXPECT_FALSE(gallery.position() == end);
  EXPECT_EQ(gallery.changed_since(end), std::vector<std::int64_t>());

  EXPECT_FALSE(gallery.changed_since({begin.sequence, begin.mark + 1})) << "of another gallery";
  EXPECT_FALSE(gallery.changed_since({end.sequence + 1000, end.mark}));
}

TEST_F(StoreContract, WhatIsReadAtOneMomentDoesNotChange) {
  enroll("Ada", {1, 2});
  const Gallery reader(name, Mode::ReadOnly);
  reader.at_one_moment([&] {
    EXPECT_EQ(reader.people().size(), 1u);
    enroll("Bo", {2, 1});
    EXPECT_EQ(reader.people().size(), 1u);
    EXPECT_EQ(reader.templates().size(), 1u);
  });
  EXPECT_EQ(reader.people().size(), 2u);
}

TEST_F(StoreContract, AReadThatThrowsLeavesTheStoreUsable) {
  enroll("Ada", {1, 2});
  Gallery gallery(name, Mode::ReadWrite);
  EXPECT_THROW(gallery.visit([](const std::string&, const Template&) { throw 1; }), int);
  gallery.enroll("Bo", make_template({1, 1}));
  EXPECT_EQ(gallery.people().size(), 2u);
}

TEST_F(StoreContract, WritersFollowEachOther) {
  Gallery(name, Mode::Create);
  constexpr int writers = 3, each = 30;
  std::vector<std::future<void>> done;
  for (int writer = 0; writer < writers; ++writer) {
    done.push_back(std::async(std::launch::async, [&, writer] {
      Gallery gallery(name, Mode::ReadWrite, 20s);
      for (int i = 0; i < each; ++i) {
        gallery.enroll("W" + std::to_string(writer) + '-' + std::to_string(i),
                       make_template({float(i), float(writer)}));
        gallery.enroll("all", make_template({1, 1}));
      }
    }));
  }
  for (auto& one : done) one.get();
  const Gallery gallery(name, Mode::ReadOnly);
  EXPECT_EQ(gallery.people().size(), writers * each + 1u);
  EXPECT_EQ(gallery.templates().size(), 2u * writers * each);
}

TEST_F(StoreContract, SeveralMayMakeItAtOnce) {
  std::vector<std::future<void>> done;
  for (int i = 0; i < 4; ++i) {
    done.push_back(std::async(std::launch::async, [this, i] {
      Gallery(name, Mode::Create, 20s).enroll("P" + std::to_string(i), make_template({1, 2}));
    }));
  }
  for (auto& one : done) one.get();
  EXPECT_EQ(Gallery(name, Mode::ReadOnly).people().size(), 4u);
}

TEST_F(StoreContract, ThePulseDiffersAfterAChange) {
  enroll("Ada", {1, 2});
  const auto pulse = open_pulse(name);
  std::string before = pulse->now();
  for (int quiet = 0; quiet < 50; ++quiet) {
    std::this_thread::sleep_for(10ms);
    if (pulse->now() != before) quiet = 0;
    before = pulse->now();
  }
  Gallery(name, Mode::ReadOnly).people();
  std::this_thread::sleep_for(300ms);
  EXPECT_EQ(pulse->now(), before) << "reading is no change";
  enroll("Bo", {2, 1});
  EXPECT_LT(seconds_until([&] { return pulse->now() != before; }), 1);
  before = pulse->now();
  Gallery(name, Mode::ReadWrite).remove("Bo");
  EXPECT_LT(seconds_until([&] { return pulse->now() != before; }), 1);
}

TEST_F(StoreContract, AMatcherThatFollowsKnowsWhatANewOneDoes) {
  std::mt19937 random(7);
  const auto draw = [&] { return random_values(random, 16); };
  enroll("P0", draw());
  std::shared_ptr<const Matcher> follower;
  for (int step = 0; step < 30; ++step) {
    Gallery gallery(name, Mode::ReadWrite);
    const auto person = "P" + std::to_string(random() % 12);
    const auto people = gallery.people();
    const bool known = std::any_of(people.begin(), people.end(),
                                   [&](const Person& one) { return one.name == person; });
    if (known && people.size() > 1 && random() % 3 == 0) {
      gallery.remove(person);
    } else {
      gallery.enroll(person, make_template(draw()));
    }
    follower = Matcher::follow(follower, gallery, Metric::Cosine);
    const Matcher fresh(gallery, Metric::Cosine);
    EXPECT_EQ(follower->person_count(), fresh.person_count());
    EXPECT_EQ(follower->template_count(), fresh.template_count());
    const Embedding probe{"test", "f00d", draw(), false};
    const auto expected = fresh.nearest(probe, 12), found = follower->nearest(probe, 12);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].person_id, expected[i].person_id);
      EXPECT_EQ(found[i].name, expected[i].name);
      EXPECT_FLOAT_EQ(found[i].distance, expected[i].distance);
    }
  }
}

TEST_F(StoreContract, AWatchKnowsWithinASecond) {
  enroll("Ada", {1, 0});
  const GalleryWatch watch(name, Metric::Cosine, {});
  EXPECT_EQ(watch.matcher()->person_count(), 1);
  enroll("Bo", {0, 1});
  EXPECT_LT(seconds_until([&] { return watch.matcher()->person_count() == 2; }), 1);
  Gallery(name, Mode::ReadWrite).remove("Ada");
  EXPECT_LT(seconds_until([&] { return watch.matcher()->person_count() == 1; }), 1);
}

TEST_F(StoreContract, StoppingEndsALongRead) {
  {
    Gallery gallery(name, Mode::Create);
    gallery.enroll("Ada", std::vector<Template>(20000, make_template({1, 2})));
  }
  std::atomic<bool> stop = false;
  const Gallery gallery(name, Mode::ReadOnly, 2s, &stop);
  int seen = 0;
  const auto text = error_of(ErrorCode::Busy, [&] {
    gallery.visit([&](const std::string&, const Template&) {
      ++seen;
      stop = true;
    });
  });
  EXPECT_NE(text.find("stopped"), std::string::npos) << text;
  EXPECT_LT(seen, 5000);
  error_of(ErrorCode::Busy, [&] { gallery.people(); });
}

TEST_F(StoreContract, WhoHoldsTheGalleryIsWaitedForAndNoLonger) {
  enroll("Ada", {1, 2});
  Gallery gallery(name, Mode::ReadWrite, 1s);
  {
    const auto lock = store_under_test()->lock(name);
    if (!lock) GTEST_SKIP() << "nobody can hold it";
    EXPECT_EQ(Gallery(name, Mode::ReadOnly).people().size(), 1u) << "readers are not locked out";
    const auto begin = Clock::now();
    const auto text = error_of(ErrorCode::Busy, [&] {
      gallery.enroll("Bo", make_template({1, 2}));
    });
    const std::chrono::duration<double> waited = Clock::now() - begin;
    EXPECT_GT(waited.count(), 0.9);
    EXPECT_LT(waited.count(), 2);
    EXPECT_NE(text.find("locked"), std::string::npos) << text;
  }
  gallery.enroll("Bo", make_template({1, 2}));
  EXPECT_EQ(gallery.people().size(), 2u);
}
