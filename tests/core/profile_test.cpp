// SPDX-License-Identifier: LGPL-2.1-or-later

#include "../../src/model/profile.h"

#include <nlohmann/json.hpp>

#include "model_fixtures.h"

using facerec::Error;
using facerec::ErrorCode;
using facerec::Profile;
using facerec::read_profile;
using facerec::Role;
using Json = nlohmann::json;

namespace {

Json embedder() {
  return Json::parse(R"({
    "name": "p", "title": "T", "role": "embedder", "preference": 7,
    "files": [{"name": "p.onnx", "url": "https://x.org/p.onnx", "size": 12}],
    "licence": "MIT", "source": "somebody", "input": [112, 96], "colour": "RGB",
    "mean": [1, 2.5, 3], "scale": 0.5, "template": "arcface", "margin": 0.25, "output": "out",
    "dimension": 128, "unit_length": true,
    "thresholds": {"cosine": {"value": 0.4, "source": "measured"}}})");
}

class ProfileTest : public testing::Test {
 protected:
  Profile read(const std::string& text) {
    write_file(folder_ / "p.json", text);
    return read_profile(folder_ / "p.json");
  }

  void expect_settings_error(const Json& json, const std::string& field) {
    expect_error(ErrorCode::Settings, {(folder_ / "p.json").string(), "'" + field + "'"},
                 [&] { read(json.dump()); });
  }

  TemporaryFolder folder_;
};

TEST_F(ProfileTest, EveryFieldIsRead) {
  const Profile profile = read(embedder().dump());
  EXPECT_EQ(profile.name, "p");
  EXPECT_EQ(profile.title, "T");
  EXPECT_EQ(profile.role, Role::Embedder);
  EXPECT_EQ(profile.preference, 7);
  ASSERT_EQ(profile.files.size(), 1U);
  EXPECT_EQ(profile.files[0].name, "p.onnx");
  EXPECT_EQ(profile.files[0].url, "https://x.org/p.onnx");
  EXPECT_EQ(profile.files[0].size, 12U);
  EXPECT_EQ(profile.licence, "MIT");
  EXPECT_EQ(profile.source, "somebody");
  EXPECT_EQ(profile.input, cv::Size(112, 96));
  EXPECT_TRUE(profile.rgb);
  EXPECT_EQ(profile.mean, (std::array<double, 3>{1, 2.5, 3}));
  EXPECT_EQ(profile.scale, 0.5);
  EXPECT_FALSE(profile.standardise);
  EXPECT_EQ(profile.template_name, "arcface");
  EXPECT_EQ(profile.margin, 0.25);
  EXPECT_EQ(profile.output, "out");
  EXPECT_EQ(profile.dimension, 128);
  EXPECT_TRUE(profile.unit_length);
  EXPECT_EQ(profile.thresholds.at("cosine").value, 0.4);
  EXPECT_EQ(profile.thresholds.at("cosine").source, "measured");
}

TEST_F(ProfileTest, EveryFieldIsWritten) {
  const Json stated = embedder();
  const Json written = Json::parse(to_json(read(stated.dump())));
  for (const auto& [name, value] : stated.items()) EXPECT_EQ(written[name], value) << name;
}

TEST_F(ProfileTest, EachRequiredFieldIsMissed) {
  for (const std::string field :
       {"name", "title", "role", "files", "licence", "source", "input", "template", "dimension"}) {
    Json json = embedder();
    json.erase(field);
    expect_settings_error(json, field);
  }
  Json detector = embedder();
  detector["role"] = "detector";
  expect_settings_error(detector, "method");
}

TEST_F(ProfileTest, EachWrongValueIsNamed) {
  const std::pair<const char*, Json> wrong[] = {
      {"name", "other"},     {"name", 3},           {"title", nullptr},  {"role", "painter"},
      {"preference", -1},    {"preference", 1.5},   {"files", "p.onnx"}, {"input", {112}},
      {"input", {112, 0}},   {"input", {112, 1e9}}, {"colour", "rgb"},   {"mean", {1, 2}},
      {"mean", {1, 2, "3"}}, {"scale", "1/255"},    {"margin", false},   {"dimension", 0},
      {"unit_length", 1},    {"template", {}},
  };
  for (const auto& [field, value] : wrong) {
    Json json = embedder();
    json[field] = value;
    expect_settings_error(json, field);
  }
}

TEST_F(ProfileTest, AStandardisedInputHasNoMeanAndNoScale) {
  for (const char* field : {"mean", "scale"}) {
    Json json = embedder();
    json.erase(field == std::string("mean") ? "scale" : "mean");
    json["standardise"] = true;
    ASSERT_TRUE(json.contains(field));
    expect_settings_error(json, "standardise");
  }
}

TEST_F(ProfileTest, UnknownFieldsAreRefusedAtEveryLevel) {
  Json json = embedder();
  json["std"] = 1;
  expect_settings_error(json, "std");
  json = embedder();
  json["files"][0]["md5"] = "00";
  expect_settings_error(json, "files[0].md5");
  json = embedder();
  json["thresholds"]["manhattan"] = json["thresholds"]["cosine"];
  expect_settings_error(json, "thresholds.manhattan");
  json = embedder();
  json["thresholds"]["cosine"]["far"] = 0.1;
  expect_settings_error(json, "thresholds.cosine.far");
}

TEST_F(ProfileTest, FilesStayInTheirFolder) {
  for (const char* name : {"", "/etc/passwd", "../p.onnx", "a/b.onnx"}) {
    Json json = embedder();
    json["files"][0]["name"] = name;
    expect_settings_error(json, "files[0].name");
  }
  Json json = embedder();
  json["files"][0]["sha256"] = "12";
  expect_settings_error(json, "files[0].sha256");
}

TEST_F(ProfileTest, WhatIsNoJsonIsOneClearError) {
  for (const char* text : {"", "{", "[1", "hello", "\xff\xd8\xff"}) {
    expect_error(ErrorCode::Read, {"p.json"}, [&] { read(text); });
  }
  expect_error(ErrorCode::Settings, {"p.json"}, [&] { read("[]"); });
  expect_error(ErrorCode::NotFound, {"absent.json"},
               [&] { read_profile(folder_ / "absent.json"); });
  expect_error(ErrorCode::Read, {folder_.path().string()}, [&] { read_profile(folder_.path()); });
}

TEST(ShippedProfiles, AreAllValid) {
  int count = 0;
  const char* root = std::getenv("FACEREC_SOURCE_ROOT");
  ASSERT_NE(root, nullptr) << "set by meson test";
  for (const auto& entry : std::filesystem::directory_iterator(std::string(root) + "/models")) {
    if (entry.path().extension() != ".json") continue;
    const Profile profile = read_profile(entry.path());
    EXPECT_FALSE(profile.licence.empty()) << profile.name;
    const std::string text = to_json(profile);
    EXPECT_EQ(to_json(facerec::parse_profile(text, "text")), text) << profile.name;
    for (const auto& file : profile.files) {
      EXPECT_TRUE(file.url.empty() || file.url.rfind("https://", 0) == 0) << file.url;
    }
    ++count;
  }
  EXPECT_GE(count, 8);
}

}  // namespace
