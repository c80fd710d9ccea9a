// SPDX-License-Identifier: LGPL-2.1-or-later

#include <gtest/gtest.h>

#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

#include "program_fixtures.h"

using Json = nlohmann::json;

namespace {

constexpr double rate = 10;  ///< frames a second
constexpr int seen = 20, gone = 15, seen_again = 10;
constexpr int all = seen + gone + seen_again;

/// A portrait that moves through the frame, leaves for longer than a track waits, and comes back.
void write_video(const std::string& file, const std::string& photo) {
  cv::VideoWriter video(file, cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), rate, {480, 320});
  ASSERT_TRUE(video.isOpened());
  cv::Mat portrait = cv::imread(photo);
  ASSERT_FALSE(portrait.empty());
  cv::resize(portrait, portrait, {260 * portrait.cols / portrait.rows, 260}, 0, 0, cv::INTER_AREA);
  for (int i = 0; i < all; ++i) {
    cv::Mat frame(320, 480, CV_8UC3, cv::Scalar::all(110));
    const bool absent = i >= seen && i < seen + gone;
    if (!absent) portrait.copyTo(frame(cv::Rect({2 * i, 30 + i % 3}, portrait.size())));
    video.write(frame);
  }
}

}  // namespace

TEST_F(Program, TrackNamesWhatItCannotUse) {
  const std::string absent = folder / "absent.mp4", prose = folder / "prose.mp4";
  EXPECT_TRUE(contains(error({"track"}), "facerec track VIDEO"));
  EXPECT_TRUE(contains(error({"track", absent}), "'" + absent + "' does not exist"));
  EXPECT_TRUE(contains(error({"track", folder.path()}), "is a folder"));
  EXPECT_TRUE(contains(error({"track", "/dev/zero"}), "'/dev/zero'"));
  std::ofstream(prose) << "not a video";
  EXPECT_TRUE(contains(error({"track", prose}), "'" + prose + "' is no video"));
  std::ofstream(prose).flush();
  EXPECT_TRUE(contains(error({"track", prose}), "'" + prose + "' is no video")) << "empty";
  EXPECT_TRUE(contains(error({"track", "--every", "0", prose}), "--every takes a number from 1"));
  EXPECT_TRUE(contains(error({"track", "--inference-interval", "2.5", prose}), "whole number"));
  EXPECT_TRUE(contains(error({"track", "--min-shots", "x", prose}), "--min-shots"));
  EXPECT_TRUE(contains(error({"track", "--margin", "-1", prose}), "--margin"));
  EXPECT_TRUE(contains(error({"track", "--crops", "", prose}), "--crops is empty"));
  EXPECT_TRUE(contains(error({"track", prose, prose}), "one argument too many"));
}

/// Of a video in which somebody is seen twice.
class Track : public ProgramOnPhotos {
 protected:
  void SetUp() override {
    ProgramOnPhotos::SetUp();
    if (!IsSkipped()) write_video(video, lacamoire);
  }

  const std::string video = folder / "video.avi";
};

TEST_F(Track, NamesWhoIsEnrolledEachTimeThatHeIsSeen) {
  ASSERT_EQ(recognise({"enroll", "--gallery", gallery, "--name", "Alex", lacamoire}).code, 0);
  const std::filesystem::path crops = folder / "some/crops";
  const Result result =
      recognise({"track", "--gallery", gallery, "--crops", crops, "--json", video});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  const Json document = result.json();
  EXPECT_EQ(document["file"], video);
  EXPECT_EQ(document["gallery"], gallery);
  EXPECT_EQ(document["metric"], "cosine");
  EXPECT_EQ(document["recognizer"]["model"], "mobilefacenet");
  EXPECT_EQ(document["frames"], all);
  EXPECT_GT(document["threshold"], 0);

  const Json tracks = document["tracks"];
  ASSERT_EQ(tracks.size(), 2u) << result.out;
  const int frames[] = {seen, seen_again};
  const double from[] = {0, (seen + gone) / rate};
  for (int i = 0; i < 2; ++i) {
    const Json& track = tracks[i];
    EXPECT_EQ(track["id"], i);
    EXPECT_NEAR(track["from"], from[i], 1e-3);
    EXPECT_NEAR(track["to"], from[i] + (frames[i] - 1) / rate, 1e-3);
    EXPECT_EQ(track["frames"], frames[i]);
    EXPECT_EQ(track["state"], "recognised");
    EXPECT_EQ(track["reason"], nullptr);
    EXPECT_EQ(track["name"], "Alex");
    EXPECT_EQ(track["label"], "Alex");
    EXPECT_EQ(track["person_id"], track["candidates"][0]["person_id"]);
    EXPECT_LE(track["best_distance"], document["threshold"]);
    EXPECT_GE(track["shots"], 3);
    EXPECT_LT(track["shots"], track["frames"]) << "not each frame's face is represented";

    const Json best = track["best_shot"];
    EXPECT_GE(best["time"], track["from"]);
    EXPECT_LE(best["time"], track["to"]);
    EXPECT_GT(best["quality"]["eye_distance"], 20);
    const std::string file = crops / ("track-" + std::to_string(i) + ".jpg");
    EXPECT_EQ(track["crop"], file);
    const cv::Mat crop = cv::imread(file);
    EXPECT_NEAR(crop.cols, 1.3 * best["box"]["width"].get<double>(), 3);
    EXPECT_NEAR(crop.rows, 1.3 * best["box"]["height"].get<double>(), 3);
  }

  const Result table = recognise({"track", "--gallery", gallery, video, "--every", "2"});
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_TRUE(contains(table.out, "0:00:03.600  0:00:04.400  Alex")) << table.out;
  EXPECT_TRUE(contains(table.out, "cosine threshold")) << table.out;
}

TEST_F(Track, StrangersAreNumberedAndNobodyIsRecognised) {
  const Result alone = recognise({"track", video, "--json"});
  EXPECT_EQ(alone.code, 0) << "without a gallery: a face was seen; " << alone.err;
  const Json document = alone.json();
  EXPECT_EQ(document["gallery"], nullptr);
  ASSERT_EQ(document["tracks"].size(), 2u);
  for (const Json& track : document["tracks"]) {
    EXPECT_EQ(track["state"], "unknown");
    EXPECT_EQ(track["label"], "unknown-1") << "the same man";
    EXPECT_EQ(track["name"], nullptr);
    EXPECT_EQ(track["best_distance"], nullptr);
    EXPECT_EQ(track["crop"], nullptr);
    EXPECT_TRUE(track["candidates"].empty());
  }

  ASSERT_EQ(recognise({"enroll", "--gallery", gallery, "--name", "Lin", miranda}).code, 0);
  const Result stranger = recognise({"track", "--gallery", gallery, video});
  EXPECT_EQ(stranger.code, 1) << stranger.err;
  EXPECT_TRUE(contains(stranger.out, "unknown-1")) << stranger.out;

  const Result few = recognise({"track", video, "--min-shots", "100"});
  EXPECT_TRUE(contains(few.out, "undecided (few shots)")) << few.out;
}

TEST_F(Track, AVideoWithoutAFaceSaysSo) {
  const Result result = recognise({"track", video, "--min-size", "1000"});
  EXPECT_EQ(result.code, 1) << result.err;
  EXPECT_TRUE(contains(result.out, "no face was found in '" + video + "'")) << result.out;
}

TEST_F(Track, AVideoThatEndsInTheMiddleIsNamed) {
  const std::string whole = read_file(video), cut = folder / "cut.avi";
  std::ofstream(cut, std::ios::binary) << whole.substr(0, whole.size() / 2);
  const std::string text =
      error({"track", cut, "--every", "10", "--detector", "yunet", "--model", "mobilefacenet"});
  EXPECT_TRUE(contains(text, "'" + cut + "' ends after")) << text;
  EXPECT_TRUE(contains(text, "of " + std::to_string(all) + " frames")) << text;
}

TEST_F(Track, CropsNeedAFolder) {
  EXPECT_TRUE(contains(
      error({"track", video, "--crops", video, "--detector", "yunet", "--model", "mobilefacenet"}),
      "'" + video + "' cannot be written"));
}

TEST_F(ProgramOnPhotos, ALengthThatIsAGuessIsNoDamage) {
  const std::string video = shared / "field/h10.mkv";  // 26 frames, by its length 32
  if (!std::filesystem::exists(video)) GTEST_SKIP() << video << " is absent";
  const Result result = recognise({"track", video, "--every", "10", "--json"});
  EXPECT_LT(result.code, 2) << result.err;
  EXPECT_EQ(result.json()["frames"], 26);
}

TEST_F(ProgramOnPhotos, AClipThatLiesOnItsSideIsTurned) {
  const std::string video = shared / "field/rot90.mp4";
  if (!std::filesystem::exists(video)) GTEST_SKIP() << video << " is absent";
  ASSERT_EQ(recognise({"enroll", "--gallery", gallery, "--name", "Lin", miranda}).code, 0);
  const Result result = recognise({"track", "--gallery", gallery, video});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_TRUE(contains(result.out, "Lin ")) << result.out;
}

TEST_F(ProgramOnPhotos, ATalkingHeadIsOneTrack) {
  const std::string video = shared / "media/1zlab_face.mp4";
  const Result result =
      run({"track", video, "--json", "--detector", "facerec-detect", "--model", "facerec-embed"});
  EXPECT_EQ(result.code, 0) << result.err;
  const Json document = result.json();
  EXPECT_EQ(document["frames"], 383);
  ASSERT_EQ(document["tracks"].size(), 1u);
  EXPECT_EQ(document["tracks"][0]["frames"], 383);
  EXPECT_EQ(document["tracks"][0]["from"], 0);
  EXPECT_NEAR(document["tracks"][0]["to"], 382 / 30.0, 1e-3);
}
