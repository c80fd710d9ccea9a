// SPDX-License-Identifier: LGPL-2.1-or-later

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "gallery_fixtures.h"
#include "program_fixtures.h"
#include "store/sqlite_library.h"

using namespace facerec;
using Json = nlohmann::json;

TEST_F(Program, HelpNamesEveryCommandAndEachExplainsItself) {
  const Result help = run({});
  EXPECT_EQ(help.code, 0);
  for (const char* command : {"enroll", "list", "remove", "check", "verify", "find", "track",
                              "evaluate", "calibrate", "models"}) {
    EXPECT_TRUE(contains(help.out, command));
    const Result own = run({command, "--help"});
    EXPECT_EQ(own.code, 0);
    EXPECT_TRUE(contains(own.out, std::string("Usage: facerec ") + command)) << own.out;
    EXPECT_TRUE(contains(own.out, "--json")) << own.out;
  }
}

TEST_F(Program, WrongLinesSayWhatToType) {
  EXPECT_TRUE(contains(error({"enrol"}), "enroll"));
  EXPECT_TRUE(
      contains(error({"list"}), "--gallery is missing; type `facerec list --gallery FILE`"));
  EXPECT_TRUE(contains(error({"list", "--galery", "x"}), "'--galery'"));
  EXPECT_TRUE(contains(error({"list", "--gallery"}), "--gallery needs a value"));
  EXPECT_TRUE(contains(error({"list", "--gallery", ""}), "--gallery is empty"));
  EXPECT_TRUE(contains(error({"enroll", "--gallery", "g", "a.jpg"}), "--name is missing"));
  EXPECT_TRUE(contains(error({"verify", "a"}), "facerec verify IMAGE IMAGE"));
  EXPECT_TRUE(contains(error({"verify", "a", "b", "c"}), "'c'"));
  EXPECT_TRUE(contains(error({"verify", "--confidence", "1.5", "a", "b"}), "from 0 to 1"));
  EXPECT_TRUE(contains(error({"verify", "--detect-size", "1x", "a", "b"}), "'1x'"));
  EXPECT_TRUE(contains(error({"verify", "--detect-size", "1.5", "a", "b"}), "whole number"));
  EXPECT_TRUE(contains(error({"verify", "--threshold", "nan", "a", "b"}), "'nan'"));
  EXPECT_TRUE(contains(error({"verify", "--metric", "hamming", "a", "b"}), "euclidean-l2"));
  EXPECT_TRUE(contains(error({"models"}), "facerec models list|fetch"));
  EXPECT_TRUE(contains(error({"models", "fetch"}), "name the models"));
}

TEST_F(Program, ListsAndRemovesPeople) {
  {
    Gallery made(gallery, Gallery::Mode::Create);
    made.enroll("Ada", make_template({1, 0}));
    made.enroll("Bo \"the\" Kid's 周", make_template({0, 1}));
    made.enroll("Ada", make_template({1, 1}));
  }
  const Result list = run({"list", "--gallery", gallery});
  EXPECT_EQ(list.code, 0);
  EXPECT_TRUE(contains(list.out, "Ada") && contains(list.out, "test")) << list.out;

  const Json document = run({"list", "--json", "--gallery=" + gallery}).json();
  EXPECT_EQ(document["model"], "test");
  ASSERT_EQ(document["people"].size(), 2u);
  EXPECT_EQ(document["people"][0]["templates"], 2);
  const std::string name = document["people"][1]["name"];
  EXPECT_EQ(name, "Bo \"the\" Kid's 周");

  EXPECT_EQ(run({"remove", "--gallery", gallery, name}).code, 0);
  EXPECT_EQ(run({"remove", "--gallery", gallery, "Ada", "--json"}).json()["removed"], "Ada");
  EXPECT_TRUE(contains(error({"remove", "--gallery", gallery, "Ada"}), "nobody is called 'Ada'"));
  EXPECT_TRUE(contains(run({"list", "--gallery", gallery}).out, "nobody"));
}

TEST_F(Program, ChecksWhatIsEnrolled) {
  Gallery made(gallery, Gallery::Mode::Create);
  const Result empty = run({"check", "--gallery", gallery});
  EXPECT_EQ(empty.code, 0) << empty.err;
  EXPECT_TRUE(contains(empty.out, "nothing found in '" + gallery + "'")) << empty.out;

  Template small = make_template({1, 0});
  small.quality.eye_distance = 12;
  small.source = "small\x1b.jpg";
  made.enroll("Ada", small);
  EXPECT_TRUE(contains(error({"check", "--gallery", gallery}), "set a threshold"));
  made.enroll("Ada", make_template({2, 0}));
  const Result result = run({"check", "--gallery", gallery, "--threshold", "0.3"});
  EXPECT_EQ(result.code, 1) << result.err;
  for (const char* part : {"enrolled twice (1)", "Ada (template 2, 'photo.jpg'): 0 to Ada",
                           "bad shots (1)", "small\xef\xbf\xbd.jpg", "12", "at least 18",
                           "facerec remove", "2 found", "2 templates of 1 people", "0.3000"}) {
    EXPECT_TRUE(contains(result.out, part)) << part << " is not in " << result.out;
  }
  const Json document = run({"check", "--gallery", gallery, "--threshold", "0.3", "--json"}).json();
  EXPECT_EQ(document["templates"], 2);
  ASSERT_EQ(document["findings"].size(), 2u);
  EXPECT_EQ(document["findings"][0]["kind"], "repeated");
  EXPECT_EQ(document["findings"][0]["other"]["id"], 1);
  EXPECT_EQ(document["findings"][1]["reason"], "too-small");
  EXPECT_EQ(document["findings"][1]["value"], 12);
  EXPECT_EQ(document["findings"][1]["limit"], 18);
}

TEST_F(Program, UnusableGalleriesAreNamed) {
  EXPECT_TRUE(contains(error({"list", "--gallery", gallery}), gallery));
  EXPECT_FALSE(std::filesystem::exists(gallery)) << "looking must not make a gallery";
  EXPECT_TRUE(contains(error({"list", "--gallery", folder.path()}), "is a folder"));
  std::ofstream(gallery) << std::string(5000, 'x');
  EXPECT_TRUE(contains(error({"remove", "--gallery", gallery, "Ada"}), "no gallery"));
}

TEST_F(Program, EncryptedGalleriesTakeTheirKeyFile) {
  namespace fs = std::filesystem;
  const std::string key = folder / "people.key", safe = folder / "safe.db";
  const std::string secret(64, 'a');
  std::ofstream(key) << secret << '\n';
  fs::permissions(key, fs::perms::owner_all);
  { Gallery(gallery, Gallery::Mode::Create).enroll("Ada", make_template({1, 0})); }
  EXPECT_TRUE(contains(error({"list", "--key-file", key}), "--gallery is missing"));
  if (!can_encrypt()) {
    EXPECT_TRUE(
        contains(error({"list", "--gallery", gallery, "--key-file", key}), "no encryption"));
    return;
  }
  std::vector<Result> results;
  const auto say = [&](const std::vector<std::string>& arguments) {
    results.push_back(run(arguments));
    return results.back();
  };
  const std::vector<std::string> to_safe{"gallery", "copy", gallery, safe, "--to-key-file", key};
  EXPECT_EQ(say(to_safe).code, 0);
  EXPECT_EQ(say(to_safe).out, "copied 0 photos' embeddings to '" + safe + "', 1 were there\n");
  const Result listed = say({"list", "--gallery", safe, "--key-file", key, "--json"});
  EXPECT_EQ(listed.code, 0) << listed.err;
  EXPECT_EQ(listed.err, "");
  EXPECT_EQ(listed.json()["gallery"], safe);
  EXPECT_EQ(listed.json()["people"].size(), 1u);
  EXPECT_TRUE(contains(error({"list", "--gallery", safe}), "key file"));
  EXPECT_TRUE(contains(error({"list", "--gallery", gallery, "--key-file", key}), "not encrypted"));

  EXPECT_EQ(say({"remove", "--key-file", key, "--gallery", gallery, "Ada"}).code, 2);
  const std::string back = folder / "back.db";
  EXPECT_EQ(say({"gallery", "copy", safe, back, "--from-key-file", key}).code, 0);
  EXPECT_EQ(Gallery(back, Gallery::Mode::ReadOnly).people().size(), 1u);
  EXPECT_EQ(say({"remove", "--key-file", key, "--gallery", safe, "Ada"}).code, 0);

  fs::permissions(key, fs::perms::group_read, fs::perm_options::add);
  const Result open = say({"list", "--gallery", safe, "--key-file", key});
  EXPECT_TRUE(contains(open.err, key) && contains(open.err, "chmod 600")) << open.err;
  std::ofstream(key) << std::string(63, 'a') << 'b';
  fs::permissions(key, fs::perms::owner_all);
  EXPECT_TRUE(contains(error({"list", "--gallery", safe, "--key-file", key}), "made with"));
  for (const Result& result : results) {
    EXPECT_FALSE(contains(result.out + result.err, secret)) << result.out << result.err;
  }
}

TEST_F(Program, EvaluateNamesWhatItCannotUse) {
  EXPECT_TRUE(contains(error({"evaluate"}), "PAIRS or --boxes"));
  const std::string pairs = folder / "pairs.csv";
  EXPECT_TRUE(contains(error({"evaluate", pairs}), "'" + pairs + "' does not exist"));
  EXPECT_TRUE(contains(error({"evaluate", "--boxes", pairs}), "'" + pairs + "' does not exist"));
  std::ofstream(pairs) << "a.jpg,b.jpg,1\n";
  EXPECT_TRUE(contains(error({"evaluate", pairs}), "fold,image_a,image_b,same"));
  EXPECT_TRUE(contains(error({"evaluate", "--boxes", pairs}), "image,x,y,width,height"));
  EXPECT_TRUE(contains(error({"evaluate", folder.path()}), "at least two"));
  EXPECT_TRUE(contains(error({"evaluate", "--boxes", folder.path()}), "is a folder"));
}

TEST_F(Program, CalibratesFromTheGallerysOwnPeople) {
  EXPECT_TRUE(contains(error({"calibrate"}), "--gallery is missing"));
  EXPECT_TRUE(contains(error({"calibrate", "--gallery", gallery}), gallery));
  Gallery made(gallery, Gallery::Mode::Create);
  EXPECT_TRUE(contains(error({"calibrate", "--gallery", gallery}), "enrol more people"));
  EXPECT_TRUE(contains(error({"calibrate", "--gallery", gallery, "--pairs", folder / "none.csv"}),
                       "none.csv"));

  constexpr int people = 20;  // 190 pairs, evenly spread over the angles up to a right one
  for (int i = 0; i < people; ++i) {
    const double angle = 1.5 * i / people;
    made.enroll(
        "person " + std::to_string(i),
        make_template({static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))}));
  }
  const Result result =
      run({"calibrate", "--gallery", gallery, "--false-accept-rate", "0.1", "--json"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.json()["impostor_pairs"], people * (people - 1) / 2);
  EXPECT_EQ(result.json()["people"], people);
  EXPECT_LT(result.json()["gallery_threshold"], result.json()["threshold"]);
  // The 19 nearest pairs are the neighbours.
  EXPECT_NEAR(result.json()["threshold"], 1 - std::cos(1.5 / people), 1e-4);
  EXPECT_NEAR(made.calibration(Metric::Cosine)->threshold, result.json()["threshold"], 1e-9);
}

TEST_F(Program, CopiesAGallery) {
  EXPECT_TRUE(contains(error({"gallery", "move", "a", "b"}), "facerec gallery copy FROM TO"));
  const std::string other = folder / "other.db";
  EXPECT_TRUE(contains(error({"gallery", "copy", gallery, other}), gallery));
  EXPECT_FALSE(std::filesystem::exists(other));
  { Gallery(gallery, Gallery::Mode::Create).enroll("Ada", make_template({1, 0})); }
  EXPECT_TRUE(contains(error({"gallery", "copy", gallery, gallery}), "itself"));
  const std::string first = run({"gallery", "copy", gallery, other}).out;
  EXPECT_TRUE(contains(first, "copied 1 ")) << first;
  const Json second = run({"gallery", "copy", gallery, "sqlite://" + other, "--json"}).json();
  EXPECT_EQ(second["copied"], 0);
  EXPECT_EQ(second["present"], 1);
  EXPECT_EQ(Gallery(other, Gallery::Mode::ReadOnly).people().at(0).name, "Ada");
}

TEST_F(Program, ACurveForAProfileNeedsPairsAndNoGallery) {
  EXPECT_TRUE(contains(error({"calibrate", "--curve"}), "--pairs is missing"));
  EXPECT_TRUE(contains(error({"calibrate", "--curve", "--gallery", gallery}), "--gallery"));
  EXPECT_TRUE(contains(error({"find", "--false-name-rate", "0", "a"}), "--false-name-rate"));
  EXPECT_TRUE(contains(error({"find", "--gallery", "a", "--index", "hnsw", "b"}), "--index"));
}

TEST_F(Program, FetchIsNotWhatLiesOnTheModelPath) {
  std::ofstream(folder / "fetch") << "#!/bin/sh\necho taken\n";
  chmod((folder / "fetch").c_str(), 0755);
  setenv("FACEREC_MODEL_PATH", folder.path().c_str(), 1);
  const Result result = run({"models", "fetch", "two words"});
  unsetenv("FACEREC_MODEL_PATH");
  EXPECT_EQ(result.code, 1) << result.out;
  EXPECT_TRUE(contains(result.err, "fetch: no profile is named 'two words', known are"))
      << result.err;
}

TEST_F(Program, WhatIsNoUtf8IsShownAsSuch) {
  const std::string absent = folder / "absent\xff\x1b[2J.jpg";
  const std::string text = error({"list", "--gallery", absent});
  EXPECT_TRUE(contains(text, "absent\xef\xbf\xbd\xef\xbf\xbd[2J.jpg")) << text;
  EXPECT_NO_THROW(Json(text).dump());
}

TEST_F(Program, RefusesWhatIsNoGallery) {
  for (const std::string& name : {std::string(":memory:"), std::string("/dev/null"),
                                  std::string("file:///a?mode=memory"), folder.path().string()}) {
    EXPECT_TRUE(contains(error({"list", "--gallery", name}), name));
  }
  { Gallery(gallery, Gallery::Mode::Create).enroll("Ada", make_template({1, 0})); }
  EXPECT_TRUE(contains(run({"list", "--gallery", "file://" + gallery}).out, "Ada"));
  EXPECT_EQ(run({"remove", "--gallery", gallery, "\u200eAda "}).code, 0);
}

TEST_F(ProgramOnPhotos, VerifyAnswersWithItsExitCode) {
  const std::string a = sharon / "Ariel_Sharon_0001.jpg", b = sharon / "Ariel_Sharon_0002.jpg";
  const Result same = recognise({"verify", a, b, "--json"});
  EXPECT_EQ(same.code, 0) << same.err;
  const Json document = same.json();
  EXPECT_EQ(document["same"], true);
  EXPECT_EQ(document["recognizer"]["model"], "mobilefacenet");
  const double cosine = document["distances"]["cosine"]["distance"];
  const double euclidean = document["distances"]["euclidean-l2"]["distance"];
  EXPECT_GT(cosine, 0.05);
  EXPECT_NEAR(euclidean * euclidean / 2, cosine, 1e-6);
  EXPECT_EQ(document["distance"], cosine);

  const Result other = recognise({"verify", a, miranda});
  EXPECT_EQ(other.code, 1) << other.err;
  EXPECT_TRUE(contains(other.out, "different people")) << other.out;
  EXPECT_EQ(recognise({"verify", a, b, "--threshold", "0.01"}).code, 1);
  EXPECT_EQ(recognise({"verify", a, miranda, "--metric", "euclidean", "--threshold", "2"}).code, 0);
}

TEST_F(ProgramOnPhotos, EnrollsAndFinds) {
  const Result first = recognise({"enroll", "--gallery", gallery, "--name", "Lin-Manuel", miranda});
  EXPECT_EQ(first.code, 0) << first.err;
  const Result second =
      recognise({"enroll", "--gallery", gallery, "--name", "Alex", lacamoire, "--json"});
  EXPECT_EQ(second.code, 0) << second.err;
  EXPECT_EQ(second.json()["enrolled"], 1);
  EXPECT_GT(second.json()["images"][0]["face"]["quality"]["eye_distance"], 20);

  const Result refused = recognise({"find", "--gallery", gallery, "--index", "server", lacamoire});
  EXPECT_EQ(refused.code, 2);
  EXPECT_TRUE(contains(refused.err, "no search of its own")) << refused.err;

  const Result found = recognise({"find", "--gallery", gallery, lacamoire, "--json"});
  EXPECT_EQ(found.code, 0) << found.err;
  const Json face = found.json()["faces"][0];
  EXPECT_EQ(face["name"], "Alex");
  EXPECT_LT(face["candidates"][0]["distance"], 1e-6);
  EXPECT_EQ(face["candidates"].size(), 2u);
  EXPECT_EQ(face["candidates"][1]["accepted"], false);
  EXPECT_NEAR(found.json()["false_name_rate"], 1e-3, 1e-9);
  for (const Json& candidate : face["candidates"]) {
    const double of_one = candidate["false_accept_rate"];
    EXPECT_NEAR(candidate["false_name_rate"], 1 - std::pow(1 - of_one, 2), 1e-9);
  }
  const Result strict =
      recognise({"find", "--gallery", gallery, lacamoire, "--json", "--false-name-rate", "1e-6"});
  EXPECT_LT(strict.json()["threshold"], found.json()["threshold"]);

  const Result stranger =
      run({"find", "--gallery", gallery, sharon / "Ariel_Sharon_0001.jpg", "--top-k", "1"});
  EXPECT_EQ(stranger.code, 1) << stranger.err;
  EXPECT_TRUE(contains(stranger.out, "unknown")) << stranger.out;
  EXPECT_TRUE(contains(stranger.out, "mobilefacenet")) << "not the gallery's own model";

  const auto text = error({"find", "--gallery", gallery, miranda, "--model", "mobilefacenet-caffe",
                           "--threshold", "0.5"});
  EXPECT_TRUE(contains(text, "'mobilefacenet'") && contains(text, "'mobilefacenet-caffe'")) << text;
}

TEST_F(ProgramOnPhotos, TheSamePhotoAgainAndPhotosOfOthersAreSaidAndNotStored) {
  const auto enroll = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"enroll", "--gallery", gallery});
    return recognise(arguments);
  };
  const auto templates = [&] { return Gallery(gallery, Gallery::Mode::ReadOnly).templates(); };
  const std::string one = sharon / "Ariel_Sharon_0001.jpg", two = sharon / "Ariel_Sharon_0002.jpg";
  EXPECT_EQ(enroll({"--name", "Ariel", one, one}).code, 0);
  EXPECT_EQ(templates().size(), 1u);

  const Result again = enroll({"--name", " Ari\u200bel", one});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_TRUE(contains(again.err, one) && contains(again.err, "already")) << again.err;
  EXPECT_TRUE(contains(again.out, "0 of 1")) << again.out;
  EXPECT_EQ(templates().size(), 1u);

  EXPECT_TRUE(contains(error({"enroll", "--gallery", gallery, "--name", "A", "--not-a-match", two}),
                       "--not-a-match"));
  EXPECT_EQ(enroll({"--not-a-match", two}).code, 0);
  const Result double_of_him = run({"find", "--gallery", gallery, two});
  EXPECT_EQ(double_of_him.code, 1) << double_of_him.out;
  EXPECT_TRUE(contains(double_of_him.out, "not a match")) << double_of_him.out;
  EXPECT_EQ(run({"find", "--gallery", gallery, one}).code, 0);
  EXPECT_EQ(run({"remove", "--gallery", gallery, "not a match"}).code, 0);

  const Result other = enroll({"--name", "Alex", two});
  EXPECT_EQ(other.code, 2);
  EXPECT_TRUE(contains(other.err, "Ariel") && contains(other.err, "--force")) << other.err;
  const Result some = enroll({"--name", "Alex", lacamoire, two});
  EXPECT_EQ(some.code, 1) << some.err;
  EXPECT_TRUE(contains(some.err, two) && contains(some.err, "--force")) << some.err;
  EXPECT_EQ(templates().size(), 2u);
  EXPECT_EQ(enroll({"--name", "Alex", two, "--force"}).code, 0);
  EXPECT_EQ(templates().size(), 3u);
}

TEST_F(ProgramOnPhotos, PhotosUnlikeTheirPersonsOthersAreSaidAndNotStored) {
  const auto enroll = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"enroll", "--gallery", gallery});
    return recognise(arguments);
  };
  const auto check = [&] { return run({"check", "--gallery", gallery}); };
  const std::string one = sharon / "Ariel_Sharon_0001.jpg", two = sharon / "Ariel_Sharon_0002.jpg";
  const std::string small = folder / "small.png";
  cv::Mat image;
  cv::resize(cv::imread(one), image, {}, 0.33, 0.33, cv::INTER_AREA);
  ASSERT_TRUE(cv::imwrite(small, image));

  const Result several = enroll({"--name", "Ariel", miranda, one, two});
  EXPECT_EQ(several.code, 1) << several.err;
  EXPECT_TRUE(contains(several.err, "'" + miranda + "' is unlike the other photos of Ariel") &&
              contains(several.err, "--force"))
      << several.err;
  EXPECT_TRUE(contains(several.out, "2 of 3")) << several.out;
  EXPECT_EQ(check().code, 0) << check().out;

  const Result alone = enroll({"--name", "Ariel", miranda, "--json"});
  EXPECT_EQ(alone.code, 2);
  EXPECT_EQ(std::count(alone.err.begin(), alone.err.end(), '\n'), 1) << alone.err;
  EXPECT_TRUE(contains(alone.err, "threshold")) << alone.err;
  EXPECT_EQ(Gallery(gallery, Gallery::Mode::ReadOnly).templates().size(), 2u);

  const Result shot = enroll({"--name", "Ariel", small});
  EXPECT_EQ(shot.code, 0) << shot.err;
  EXPECT_TRUE(contains(shot.err, "bad shot: pixels between the eyes")) << shot.err;
  EXPECT_TRUE(contains(check().out, "bad shots (1)")) << check().out;

  EXPECT_EQ(enroll({"--name", "Ariel", miranda, "--force"}).code, 0);
  EXPECT_TRUE(contains(check().out, "unlike their person's other photos (1)")) << check().out;
  const Result other = enroll({"--not-a-match", one, two, miranda});
  EXPECT_EQ(other.code, 0) << other.err;
}

TEST_F(ProgramOnPhotos, PhotosUnderTheWrongNameAreFoundAndShown) {
  const auto enroll = [&](const std::string& name, const std::vector<std::string>& photos) {
    std::vector<std::string> line{"enroll", "--gallery", gallery, "--name", name, "--force"};
    line.insert(line.end(), photos.begin(), photos.end());
    const Result result = recognise(line);
    EXPECT_EQ(result.code, 0) << result.err;
  };
  const auto photo = [&](int number) {
    return sharon / ("Ariel_Sharon_000" + std::to_string(number) + ".jpg");
  };
  const std::string gone = folder / "gone.jpg", sheet = folder / "sheet.png";
  const std::string source = std::filesystem::path(miranda).lexically_normal();
  enroll("Ariel", {photo(1), photo(2), photo(3)});
  enroll("Alex", {lacamoire});
  const Result clean = run({"check", "--gallery", gallery});
  EXPECT_EQ(clean.code, 0) << clean.out << clean.err;

  std::filesystem::copy_file(photo(2), gone);
  enroll("Ariel", {miranda});
  enroll("Arik", {gone});
  enroll("Lin", {miranda});
  std::filesystem::remove(gone);
  const Result text = run({"check", "--gallery", gallery});
  EXPECT_EQ(text.code, 1) << text.err;
  for (const std::string& part : {std::string("nearer to another"), std::string("unlike"),
                                  std::string("two names"), source, gone, std::string("Arik")}) {
    EXPECT_TRUE(contains(text.out, part)) << part << " is not in " << text.out;
  }

  const Result result = run({"check", "--gallery", gallery, "--json", "--sheet", sheet});
  EXPECT_EQ(result.code, 1) << result.err;
  EXPECT_TRUE(contains(result.err, "not on the sheet: ") && contains(result.err, gone));
  const Json document = result.json();
  std::map<std::string, std::vector<Json>> findings;
  for (const Json& finding : document["findings"]) {
    findings[finding["kind"]].push_back(finding);
  }
  const Json& nearer = findings["nearer-to-another"].at(0);
  EXPECT_EQ(nearer["template"]["source"], source);
  EXPECT_EQ(nearer["template"]["name"], "Ariel");
  EXPECT_EQ(nearer["other"]["name"], "Lin");
  EXPECT_LT(nearer["distance"], nearer["own_distance"]);
  const Json& unlike = findings["unlike-own"].at(0);
  EXPECT_EQ(unlike["template"]["source"], source);
  EXPECT_EQ(unlike["threshold"], document["pair_threshold"]);
  EXPECT_GT(unlike["distance"], unlike["threshold"]);
  ASSERT_EQ(findings["two-names"].size(), 2u);
  for (const Json& pair : findings["two-names"]) {
    EXPECT_EQ(pair["template"]["name"], "Ariel");
    EXPECT_LE(pair["distance"], document["name_threshold"]);
    EXPECT_LE(pair["false_name_rate"], 1e-3);
  }

  // The pairs with the photo that is gone are left out: miranda twice, miranda and Ariel, miranda
  // twice.
  const cv::Mat picture = cv::imread(sheet);
  ASSERT_FALSE(picture.empty());
  const auto tile = [&](int column) { return picture(cv::Rect(column, 0, 160, 160)); };
  EXPECT_EQ(cv::norm(tile(0), tile(160), cv::NORM_INF), 0);
  EXPECT_GT(cv::norm(tile(332), tile(492), cv::NORM_INF), 50);
  EXPECT_EQ(cv::norm(tile(0), tile(332), cv::NORM_INF), 0);
  EXPECT_EQ(cv::norm(tile(0), tile(664), cv::NORM_INF), 0);
  EXPECT_GT(cv::norm(tile(0), tile(996), cv::NORM_INF), 50) << "a fourth pair";
}

TEST_F(ProgramOnPhotos, TheGallerysModelIsFoundAgainHoweverItWasNamed) {
  const auto run_here = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--gallery", gallery, "--detector", "yunet"});
    return run(arguments);
  };
  const std::string network = shared / "models/mobilefacenet_y1_128d.onnx";
  Result enrolled = run_here({"enroll", "--name", "Alex", lacamoire, "--model", network,
                              "--input-size", "112x112", "--colour", "rgb"});
  EXPECT_EQ(enrolled.code, 0) << enrolled.err;
  const Result unknown = run_here({"find", lacamoire});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_TRUE(contains(unknown.err, "threshold")) << unknown.err;
  EXPECT_EQ(run_here({"find", lacamoire, "--threshold", "0.5"}).code, 0);
  EXPECT_EQ(run_here({"enroll", "--name", "Lin", miranda}).code, 0);
  EXPECT_EQ(run_here({"find", miranda, "--threshold", "0.5"}).code, 0);

  std::filesystem::remove(gallery);
  enrolled = run_here(
      {"enroll", "--name", "Alex", lacamoire, "--model", "mobilefacenet", "--template", "dlib"});
  EXPECT_EQ(enrolled.code, 0) << enrolled.err;
  EXPECT_EQ(run_here({"find", lacamoire}).code, 0);
  EXPECT_EQ(run_here({"find", lacamoire, "--template", "dlib"}).code, 0);

  const std::filesystem::path own = folder / "own";
  std::filesystem::create_directory(own);
  std::filesystem::copy_file(environment("FACEREC_SOURCE_ROOT") + "/models/mobilefacenet.json",
                             own / "mobilefacenet.json");
  std::filesystem::create_symlink(network, own / "mobilefacenet_y1_128d.onnx");
  std::filesystem::remove(gallery);
  enrolled =
      run_here({"enroll", "--name", "Alex", lacamoire, "--model", own / "mobilefacenet.json"});
  EXPECT_EQ(enrolled.code, 0) << enrolled.err;
  setenv("FACEREC_MODEL_PATH", (shared / "models").c_str(), 1);
  const Result found = run({"find", "--gallery", gallery, lacamoire, "--detector",
                            environment("FACEREC_SOURCE_ROOT") + "/models/yunet.json"});
  EXPECT_EQ(found.code, 0) << found.err;
}

TEST_F(ProgramOnPhotos, PrintsTheCurveOfAFolderOfPeople) {
  for (const char* name : {"Ariel_Sharon", "Colin_Powell", "Gerhard_Schroeder", "Hugo_Chavez"}) {
    const std::filesystem::path person = folder / "people" / name;
    std::filesystem::create_directories(person);
    for (int i = 1; i <= 5; ++i) {
      const std::string file = std::string(name) + "_000" + std::to_string(i) + ".jpg";
      std::filesystem::create_symlink(shared / "media/lfw10" / name / file, person / file);
    }
  }
  const Result result = recognise({"calibrate", "--curve", "--pairs", folder / "people"});
  EXPECT_EQ(result.code, 0) << result.err;
  const Json curve = Json::parse("{" + result.out + "}")["curves"]["cosine"];
  EXPECT_EQ(curve["pairs"], 6 * 5 * 5) << "every two photos of different people";
  EXPECT_EQ(curve["knots"].back()[1], 1);
  EXPECT_TRUE(contains(curve["source"], "detector yunet"));
}

TEST_F(ProgramOnPhotos, MaskedFacesAreComparedWithMaskedOnesOnly) {
  const auto masked = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--mask", "--landmarks", "pfld"});
    return recognise(arguments);
  };
  const Result enrolled = masked({"enroll", "--gallery", gallery, "--name", "Alex", lacamoire});
  EXPECT_EQ(enrolled.code, 0) << enrolled.err;
  EXPECT_EQ(masked({"find", "--gallery", gallery, lacamoire}).code, 0);
  const std::string unmasked = error({"find", "--gallery", gallery, lacamoire, "--detector",
                                      "yunet", "--model", "mobilefacenet", "--landmarks", "pfld"});
  EXPECT_TRUE(contains(unmasked, "mask")) << unmasked;
  const std::string five = error({"verify", miranda, lacamoire, "--detector", "yunet", "--model",
                                  "mobilefacenet", "--mask", "--landmarks", "facerec-landmarks"});
  EXPECT_TRUE(contains(five, "68") && contains(five, "pfld")) << five;
}

TEST_F(ProgramOnPhotos, BadImagesAreLeftOutAndTheOthersEnrolled) {
  const std::string prose = folder / "prose.jpg", gray = folder / "gray.png",
                    cut = folder / "cut.jpg";
  std::ofstream(prose) << "not a photo";
  ASSERT_TRUE(cv::imwrite(gray, cv::Mat(200, 200, CV_8UC3, cv::Scalar::all(128))));
  std::ofstream(cut) << read_file(sharon / "Ariel_Sharon_0001.jpg").substr(0, 8000);

  const Result some = recognise({"enroll", "--gallery", gallery, "--name", "Alex", prose, gray, cut,
                                 folder / "none.jpg", folder.path(), lacamoire});
  EXPECT_EQ(some.code, 1) << some.err;
  EXPECT_TRUE(contains(some.out, "1 of 6")) << some.out;
  for (const std::string& file : {prose, gray, cut, std::string(folder / "none.jpg")}) {
    EXPECT_TRUE(contains(some.err, "'" + file + "'")) << some.err;
  }
  EXPECT_EQ(std::count(some.err.begin(), some.err.end(), '\n'), 5) << some.err;

  const std::string other = folder / "other.db";
  EXPECT_TRUE(contains(error({"enroll", "--gallery", other, "--name", "Alex", prose}), prose));
  EXPECT_FALSE(std::filesystem::exists(other)) << "no gallery without a face";
}

TEST_F(ProgramOnPhotos, TheLargestOfSeveralFacesIsTakenAndSaid) {
  cv::Mat picture(700, 900, CV_8UC3, cv::Scalar::all(90));
  const cv::Mat large = cv::imread(miranda), small = cv::imread(lacamoire);
  ASSERT_FALSE(large.empty() || small.empty());
  const auto paste = [&](const cv::Mat& photo, const cv::Rect& where) {
    cv::resize(photo, picture(where), where.size(), 0, 0, cv::INTER_AREA);
  };
  paste(small, {0, 0, 250, 250 * small.rows / small.cols});
  paste(large, {300, 0, 550, 550 * large.rows / large.cols});
  const std::string both = folder / "both.png";
  ASSERT_TRUE(cv::imwrite(both, picture));

  const Result enrolled = recognise({"enroll", "--gallery", gallery, "--name", "Lin", both});
  EXPECT_EQ(enrolled.code, 0) << enrolled.err;
  EXPECT_TRUE(contains(enrolled.err, "2 faces")) << enrolled.err;
  EXPECT_EQ(recognise({"find", "--gallery", gallery, miranda}).code, 0);
  EXPECT_EQ(recognise({"find", "--gallery", gallery, lacamoire}).code, 1);
  EXPECT_EQ(recognise({"find", "--gallery", gallery, both, "--json"}).json()["faces"].size(), 2u);
}

TEST_F(ProgramOnPhotos, AGroupOfEqualFacesIsRefusedUntilOneIsChosen) {
  const std::string group = shared / "field/group3.jpg";
  if (!std::filesystem::exists(group)) GTEST_SKIP() << group << " is absent";
  const std::vector<std::string> line{"enroll", "--gallery", gallery, "--name", "Lin", group};
  const auto with = [&](const std::vector<std::string>& options) {
    std::vector<std::string> arguments = line;
    arguments.insert(arguments.end(), options.begin(), options.end());
    return recognise(arguments);
  };
  const Result refused = with({});
  EXPECT_EQ(refused.code, 1);
  EXPECT_EQ(refused.out, "");
  for (const char* part : {"group3.jpg'", "3 faces", "--face N", "--at X,Y", "1: ", "3: "}) {
    EXPECT_TRUE(contains(refused.err, part)) << refused.err;
  }
  EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1) << refused.err;
  EXPECT_FALSE(std::filesystem::exists(gallery));

  const Result chosen = with({"--face", "3", "--json"});
  EXPECT_EQ(chosen.code, 0) << chosen.err;
  EXPECT_EQ(chosen.err, "");
  const Json box = chosen.json()["images"][0]["face"]["box"];
  EXPECT_GT(box["x"], 360) << "not the rightmost";
  const Result pointed = with({"--at", "100,120", "--json"});
  EXPECT_EQ(pointed.code, 0) << pointed.err;
  EXPECT_LT(pointed.json()["images"][0]["face"]["box"]["x"], 100);
  EXPECT_EQ(with({"--face", "4"}).code, 1);
  EXPECT_EQ(with({"--at", "2,2"}).code, 1);
  EXPECT_TRUE(contains(with({"--at", "2;2"}).err, "'2;2'"));
  EXPECT_TRUE(contains(with({"--face", "1", miranda}).err, "one image"));

  const Result verified = recognise({"verify", group, miranda});
  EXPECT_LT(verified.code, 2) << verified.err;
  EXPECT_TRUE(contains(verified.err, "others are as large")) << verified.err;
}

TEST_F(ProgramOnPhotos, APhotoThatLiesOrStandsOnItsHeadIsTurned) {
  const std::string photo = sharon / "Ariel_Sharon_0001.jpg";
  ASSERT_EQ(recognise({"enroll", "--gallery", gallery, "--name", "Ariel", photo}).code, 0);
  const std::string turned = folder / "turned.png";
  const std::pair<int, int> turns[] = {
      {cv::ROTATE_180, 180}, {cv::ROTATE_90_CLOCKWISE, 270}, {cv::ROTATE_90_COUNTERCLOCKWISE, 90}};
  for (const auto& [turn, back] : turns) {
    cv::Mat picture;
    cv::rotate(cv::imread(photo), picture, turn);
    ASSERT_TRUE(cv::imwrite(turned, picture));
    const Result found = recognise({"find", "--gallery", gallery, turned, "--json"});
    EXPECT_EQ(found.code, 0) << found.err;
    EXPECT_EQ(found.json()["turned"], back);
    EXPECT_EQ(found.json()["faces"][0]["name"], "Ariel");
    EXPECT_TRUE(contains(found.err, "turned by " + std::to_string(back))) << found.err;

    const std::string other = folder / ("other" + std::to_string(back));
    const Result enrolled =
        recognise({"enroll", "--gallery", other, "--name", "Ariel", turned, "--json"});
    EXPECT_EQ(enrolled.json()["images"][0]["turned"], back) << enrolled.err;
    EXPECT_EQ(recognise({"find", "--gallery", other, photo}).code, 0);
  }
  EXPECT_EQ(recognise({"find", "--gallery", gallery, photo, "--json"}).json()["turned"], 0);
}

TEST_F(ProgramOnPhotos, DevicesAreNoImages) {
  EXPECT_TRUE(contains(
      error({"verify", "/dev/zero", miranda, "--detector", "yunet", "--model", "mobilefacenet"}),
      "'/dev/zero' is a device"));
}

TEST_F(ProgramOnPhotos, EvaluatesLabelledPairs) {
  const std::string pairs = folder / "pairs.csv", report = folder / "report";
  std::ofstream(pairs)
      << "fold,image_a,image_b,same\n"
      << "1,Ariel_Sharon/Ariel_Sharon_0001.jpg,Ariel_Sharon/Ariel_Sharon_0002.jpg,1\n"
      << "1,Ariel_Sharon/Ariel_Sharon_0001.jpg,gray.png,0\n"
      << "2,Ariel_Sharon/Ariel_Sharon_0003.jpg,Ariel_Sharon/Ariel_Sharon_0002.jpg,1\n"
      << "2,Ariel_Sharon/Ariel_Sharon_0001.jpg," << miranda << ",0\n";
  const std::string images = folder / "images";
  std::filesystem::create_directory(images);
  std::filesystem::create_symlink(sharon, images + "/Ariel_Sharon");
  EXPECT_TRUE(contains(
      error({"evaluate", pairs, "--detector", "yunet", "--model", "mobilefacenet"}), "gray.png'"));

  ASSERT_TRUE(cv::imwrite(images + "/gray.png", cv::Mat(200, 200, CV_8UC3, cv::Scalar::all(128))));
  const Result result = recognise({"evaluate", pairs, "--json", "--report", report});
  EXPECT_EQ(result.code, 0) << result.err;
  const Json document = result.json();
  EXPECT_EQ(document["pairs"], 4);
  EXPECT_EQ(document["without_face"], 1);
  EXPECT_EQ(document["at_threshold"]["accuracy"]["hits"], 3) << "no face is an error";
  EXPECT_EQ(document["at_threshold"]["false_accepts"]["hits"], 0);
  EXPECT_EQ(document["at_threshold"]["false_accepts"]["of"], 2);
  EXPECT_EQ(document["at_threshold"]["true_accepts"]["hits"], 2);
  for (const Json& point : document["operating_points"]) {
    EXPECT_EQ(point["too_few_pairs"], true) << "two pairs of two people";
    EXPECT_FALSE(point.contains("threshold") || point.contains("true_accepts"));
  }
  EXPECT_EQ(document["worst_pairs"]["pairs"].size(), 1u);
  EXPECT_EQ(document["worst_pairs"]["pairs"][0]["image_b"], images + "/gray.png");
  EXPECT_EQ(document["worst_pairs"]["pairs"][0]["distance"], nullptr) << "no face";
  EXPECT_EQ(document["accuracy"]["folds"].size(), 2u);
  for (const char* file : {"roc.svg", "distances.svg", "worst.png", "result.json"}) {
    EXPECT_GT(std::filesystem::file_size(report + '/' + file), 100u) << file;
  }
  EXPECT_EQ(Json::parse(read_file(report + "/result.json")), document);

  const Json strict = recognise({"evaluate", pairs, "--json", "--threshold", "0.000001"}).json();
  EXPECT_EQ(strict["at_threshold"]["true_accepts"]["hits"], 0);
  EXPECT_EQ(strict["worst_pairs"]["threshold"], 0.000001);
  EXPECT_EQ(strict["worst_pairs"]["pairs"].size(), 3u);
  EXPECT_EQ(strict["worst_pairs"]["pairs"][1]["same"], true);
  EXPECT_GT(strict["worst_pairs"]["pairs"][1]["distance"], 0.000001);
  const std::string table = recognise({"evaluate", pairs, "--threshold", "0.000001"}).out;
  EXPECT_TRUE(contains(table, "too few pairs to tell")) << table;
  EXPECT_TRUE(contains(table, "true accept rate   0.0000")) << table;

  const Json without = recognise({"evaluate", pairs, "--json", "--skip-failures"}).json();
  EXPECT_EQ(without["pairs"], 3);
  EXPECT_EQ(without["at_threshold"]["accuracy"]["hits"], 3);
}

TEST_F(ProgramOnPhotos, EvaluatesBoxes) {
  const std::string boxes = folder / "boxes.csv";
  const Json enrolled =
      recognise({"enroll", "--gallery", gallery, "--name", "Lin", miranda, "--json"}).json();
  const Json box = enrolled["images"][0]["face"]["box"];
  std::ofstream(boxes) << "image,x,y,width,height\n"
                       << miranda << ',' << box["x"] << ',' << box["y"] << ',' << box["width"]
                       << ',' << box["height"] << '\n'
                       << lacamoire << ",0,0,40,40\n";
  const Result result = run({"evaluate", "--boxes", boxes, "--detector", "yunet", "--json"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.json()["pictures"], 2);
  EXPECT_EQ(result.json()["boxes"], 2);
  const Json detector = result.json()["detectors"][0];
  EXPECT_EQ(detector["detector"], "yunet");
  EXPECT_EQ(detector["recall"], 0.5);
  EXPECT_EQ(detector["precision"], 0.5);

  std::ofstream(boxes, std::ios::app) << "none.jpg,0,0,40,40\n";
  EXPECT_TRUE(contains(error({"evaluate", "--boxes", boxes, "--detector", "yunet"}), "none.jpg"));
}

TEST_F(ProgramOnPhotos, ModelsAreListedWithTheirState) {
  const Json models = run({"models", "list", "--json"}).json()["models"];
  int automatic_embedders = 0;
  bool found = false;
  for (const Json& model : models) {
    automatic_embedders += model["role"] == "embedder" && model["auto"] == true;
    if (model["name"] != "mobilefacenet") continue;
    found = true;
    EXPECT_EQ(model["role"], "embedder");
    EXPECT_EQ(model["present"], true);
    EXPECT_TRUE(contains(model["files"][0], "mobilefacenet")) << model;
  }
  EXPECT_TRUE(found);
  EXPECT_EQ(automatic_embedders, 1);

  std::ofstream(folder / "face_detection_yunet_2023mar.onnx") << "half a file";
  const std::string path = environment("FACEREC_MODEL_PATH");
  setenv("FACEREC_MODEL_PATH", (folder.path().string() + ':' + path).c_str(), 1);
  const Result damaged = run({"models", "list"});
  EXPECT_EQ(damaged.code, 0);
  EXPECT_TRUE(contains(damaged.out, "damaged")) << damaged.out;
  EXPECT_TRUE(contains(error({"verify", miranda, lacamoire, "--detector", "yunet"}), "truncated"));
}
