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
    "thresholds": {"cosine": {"value": 0.4, "source": "measured"}},
    "curves": {"cosine": {"knots": [[0.5, 0.01], [1, 1]], "scale": 0.05, "shape": -0.1,
                          "pairs": 5000, "source": "measured"}}})");
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
  const facerec::Calibration& curve = profile.curves.at("cosine").distances;
  EXPECT_DOUBLE_EQ(curve.threshold(0.01), 0.5);
  EXPECT_EQ(curve.tail().scale, 0.05);
  EXPECT_EQ(curve.tail().shape, -0.1);
  EXPECT_EQ(curve.pairs(), 5000);
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

TEST_F(ProfileTest, EachNumberHasARange) {
  const std::pair<const char*, std::vector<Json>> wrong[] = {
      {"input", {{4097, 8}, {8, 4097}, {-1, 8}, {8.5, 8}}},
      {"mean", {{0, 0, 1e300}, {0, -1001, 0}}},
      {"scale", {0, -1, 1e300, 1e-300}},
      {"margin", {-0.1, 11, 1e300}},
      {"dimension", {65537, -1, 1e3}},
      {"preference", {1001, 1e300}},
  };
  for (const auto& [field, values] : wrong) {
    for (const Json& value : values) {
      Json json = embedder();
      json[field] = value;
      expect_settings_error(json, field);
    }
  }
  for (const double value : {0., -1., 1e300}) {
    Json json = embedder();
    json["thresholds"]["cosine"]["value"] = value;
    expect_settings_error(json, "thresholds.cosine.value");
  }
  Json detector = embedder();
  detector["role"] = "detector";
  detector["method"] = "yunet";
  detector.erase("dimension");
  detector["thresholds"] = {{"confidence", {{"value", 1.5}, {"source", "nobody"}}}};
  expect_settings_error(detector, "thresholds.confidence.value");
  Json json = embedder();
  for (int i = 0; i < 20; ++i) json["files"].push_back(json["files"][0]);
  expect_settings_error(json, "files");
}

TEST_F(ProfileTest, EveryTextIsOneLine) {
  for (const char* field : {"title", "licence", "source", "output"}) {
    for (const char* text : {"two\nlines", "\x1b[2J", "a\x7f"}) {
      Json json = embedder();
      json[field] = text;
      expect_settings_error(json, field);
    }
  }
}

TEST_F(ProfileTest, NamesAreNoCommandsAndNoPaths) {
  for (const char* name : {"p;reboot", "p $(reboot)", "-p", ".p"}) {
    Json json = embedder();
    json["name"] = name;
    const auto file = folder_ / (std::string(name) + ".json");
    write_file(file, json.dump());
    expect_error(ErrorCode::Settings, {"'name'"}, [&] { read_profile(file); });
  }
  Json detector = embedder();
  detector["role"] = "detector";
  detector["method"] = "yunet";
  for (const char* field : {"dimension", "curves"}) detector.erase(field);
  detector["thresholds"] = Json::object();
  detector["landmarks"] = "eyes";
  EXPECT_EQ(read(detector.dump()).landmarks, "eyes");
  for (const char* name : {"../eyes", "/tmp/eyes", "eyes.json", "auto", "--help", "a b"}) {
    detector["landmarks"] = name;
    expect_settings_error(detector, "landmarks");
  }
  for (const char* url : {"http://x.org/p.onnx", "ftp://x.org/p.onnx", "-o/etc/passwd", "x.org/p",
                          "https://x.org/{a,b}", "https://x.org/[1-9]", "https://x.org/a b",
                          "https://x.org/\xc3\xa4", "file://x.org/p.onnx"}) {
    Json json = embedder();
    json["files"][0]["url"] = url;
    expect_settings_error(json, "files[0].url");
  }
}

TEST_F(ProfileTest, OnlyADetectorAsksForLandmarks) {
  Json json = embedder();
  json["landmarks"] = "eyes";
  expect_settings_error(json, "landmarks");
}

TEST_F(ProfileTest, ACurveRises) {
  const std::pair<const char*, Json> wrong[] = {
      {"knots", Json::array()},
      {"knots", {{0.5, 0.01}, {0.4, 1}}},
      {"knots", {{0.5, 0.2}, {0.6, 0.1}}},
      {"knots", {{0.5, 0}, {1, 1}}},
      {"knots", {0.5, 1}},
      {"scale", 0},
      {"shape", 2},
      {"pairs", 0},
  };
  for (const auto& [field, value] : wrong) {
    Json json = embedder();
    json["curves"]["cosine"][field] = value;
    expect_settings_error(json, "curves.cosine");
    json["curves"]["cosine"].erase(field);
    expect_settings_error(json, std::string("curves.cosine.") + field);
  }
  Json json = embedder();
  json["curves"]["cosine"]["source"] = 3;
  expect_settings_error(json, "curves.cosine.source");
  json = embedder();
  json["role"] = "detector";
  json["method"] = "yunet";
  for (const char* field : {"dimension", "template", "unit_length", "thresholds"})
    json.erase(field);
  expect_settings_error(json, "curves");
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
  for (const char* name :
       {"", "/etc/passwd", "../p.onnx", "a/b.onnx", "..", ".hidden.onnx", "-p.onnx", "fetch",
        "yunet.json", "p.onnx.part", "p.unpacked", "a b.onnx", "p\n.onnx"}) {
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
  expect_error(ErrorCode::Read, {"/dev/zero"}, [] { read_profile("/dev/zero"); });
  expect_error(ErrorCode::Read, {"p.json", "too large"},
               [&] { read(std::string(2 << 20, ' ') + embedder().dump()); });
}

TEST_F(ProfileTest, ErrorsAreUtf8WhateverTheFilesName) {
  const auto file = folder_ / "p\xff\x1b[2J.json";
  write_file(file, "\"\xc3(");
  for (const auto& asked : {file, folder_ / "absent\xfe"}) {
    try {
      read_profile(asked);
      ADD_FAILURE() << "no error";
    } catch (const Error& error) {
      EXPECT_NO_THROW(Json(error.what()).dump()) << error.what();
      EXPECT_EQ(std::string(error.what()).find('\x1b'), std::string::npos);
      EXPECT_NE(std::string(error.what()).find("\xef\xbf\xbd"), std::string::npos) << error.what();
    }
  }
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
