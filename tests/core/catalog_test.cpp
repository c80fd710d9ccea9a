// SPDX-License-Identifier: LGPL-2.1-or-later

#include "../../src/model/catalog.h"

#include <nlohmann/json.hpp>

#include "../../src/detect/detector.h"
#include "../../src/model/digest.h"
#include "model_fixtures.h"

using facerec::ErrorCode;
using facerec::find_model;
using facerec::Model;
using facerec::Profile;
using facerec::Role;
using Json = nlohmann::json;

namespace {

class CatalogTest : public testing::Test {
 protected:
  CatalogTest() {
    setenv("FACEREC_MODEL_PATH", (":" + folder_.path().string() + ":/nowhere").c_str(), 1);
    setenv("XDG_DATA_HOME", (folder_ / "data").c_str(), 1);
  }

  Json add(const std::string& name, const std::string& content, int preference = 0) {
    Json json{{"name", name},
              {"title", name},
              {"role", "embedder"},
              {"preference", preference},
              {"files",
               {{{"name", name + ".onnx"},
                 {"url", "https://x.org/" + name},
                 {"size", content.size()},
                 {"sha256", facerec::sha256(content)}}}},
              {"licence", "MIT"},
              {"source", "test"},
              {"input", {112, 112}},
              {"template", "arcface"},
              {"dimension", 4}};
    write_file(folder_ / (name + ".json"), json.dump());
    write_file(folder_ / (name + ".onnx"), content);
    return json;
  }

  TemporaryFolder folder_;
};

TEST(Digest, IsSha256) {
  // FIPS 180-2, appendix B.1.
  EXPECT_EQ(facerec::sha256("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const TemporaryFolder folder;
  const std::string content(3'000'000, 'x');
  write_file(folder / "f", content);
  EXPECT_EQ(facerec::sha256_of_file(folder / "f"), facerec::sha256(content));
  expect_error(ErrorCode::Read, {"absent"}, [&] { facerec::sha256_of_file(folder / "absent"); });
  expect_error(ErrorCode::Read, {folder.path().string()},
               [&] { facerec::sha256_of_file(folder.path()); });
}

TEST_F(CatalogTest, AProfileIsFoundByItsName) {
  add("first", "bytes");
  const Model model = find_model("first", Role::Embedder);
  EXPECT_EQ(model.profile.name, "first");
  ASSERT_EQ(model.files.size(), 1U);
  EXPECT_EQ(model.files[0], folder_ / "first.onnx");
  EXPECT_EQ(model.fingerprint.size(), 64U);
}

TEST_F(CatalogTest, TheUsersFolderIsSearchedToo) {
  add("first", "bytes");
  const auto user = folder_ / "data/gst-facerec/models";
  std::filesystem::create_directories(user);
  std::filesystem::rename(folder_ / "first.onnx", user / "first.onnx");
  EXPECT_EQ(find_model("first", Role::Embedder).files[0], user / "first.onnx");
}

TEST_F(CatalogTest, AMissingFileIsNamedWithItsRemedy) {
  add("first", "bytes");
  std::filesystem::remove(folder_ / "first.onnx");
  expect_error(ErrorCode::NotFound,
               {"first.onnx", folder_.path().string(), "facerec models fetch first"},
               [] { find_model("first", Role::Embedder); });
}

TEST_F(CatalogTest, ADamagedFileIsRefused) {
  add("first", "bytes");
  const std::string file = (folder_ / "first.onnx").string();
  write_file(file, "byt");
  expect_error(ErrorCode::Read, {file, "truncated", "facerec models fetch first"},
               [] { find_model("first", Role::Embedder); });
  write_file(file, "bytex");
  expect_error(ErrorCode::Read, {file, "checksum", "facerec models fetch first"},
               [] { find_model("first", Role::Embedder); });
  write_file(file, "");
  expect_error(ErrorCode::Read, {file, "0 bytes"}, [] { find_model("first", Role::Embedder); });
  // By its path the same file is used as it is.
  write_file(file, "other bytes");
  Profile custom;
  custom.input = {8, 8};
  EXPECT_EQ(find_model(file, Role::Embedder, &custom).profile.name, "first");
}

TEST_F(CatalogTest, AnotherNameIsSuggested) {
  add("mobilefacenet", "bytes");
  expect_error(ErrorCode::NotFound, {"'mobilfacenet'", "did you mean 'mobilefacenet'"},
               [] { find_model("mobilfacenet", Role::Embedder); });
  expect_error(ErrorCode::NotFound, {"'xyz'", "known are mobilefacenet"},
               [] { find_model("xyz", Role::Embedder); });
}

TEST_F(CatalogTest, AnotherRoleIsRefused) {
  add("first", "bytes");
  expect_error(ErrorCode::Settings, {"'first' has the role embedder", "detector"},
               [] { find_model("first", Role::Detector); });
}

TEST_F(CatalogTest, AutoTakesTheLowestPreferenceThatIsPresent) {
  add("never", "n", 0);
  add("second", "s", 20);
  add("first", "f", 10);
  EXPECT_EQ(find_model("auto", Role::Embedder).profile.name, "first");
  std::filesystem::remove(folder_ / "first.onnx");
  EXPECT_EQ(find_model("auto", Role::Embedder).profile.name, "second");
  std::filesystem::remove(folder_ / "second.onnx");
  expect_error(ErrorCode::NotFound, {"first, second", "facerec models fetch first"},
               [] { find_model("auto", Role::Embedder); });
}

TEST_F(CatalogTest, APathToAProfileUsesTheFileBesideIt) {
  add("first", "bytes");
  const auto elsewhere = folder_ / "elsewhere";
  std::filesystem::create_directory(elsewhere);
  std::filesystem::rename(folder_ / "first.json", elsewhere / "first.json");
  std::filesystem::rename(folder_ / "first.onnx", elsewhere / "first.onnx");
  EXPECT_EQ(find_model((elsewhere / "first.json").string(), Role::Embedder).files[0],
            elsewhere / "first.onnx");
}

TEST_F(CatalogTest, ABareNetworkNeedsSettings) {
  write_file(folder_ / "net.caffemodel", "c");
  write_file(folder_ / "net.prototxt", "p");
  const std::string path = (folder_ / "net.caffemodel").string();
  expect_error(ErrorCode::Settings, {path}, [&] { find_model(path, Role::Embedder); });

  Profile custom;
  custom.input = {96, 96};
  const Model model = find_model(path, Role::Embedder, &custom);
  EXPECT_EQ(model.profile.name, "net");
  EXPECT_EQ(model.profile.input, cv::Size(96, 96));
  ASSERT_EQ(model.files.size(), 2U);
  EXPECT_EQ(model.files[1], folder_ / "net.prototxt");

  const std::string absent = (folder_ / "absent.onnx").string();
  expect_error(ErrorCode::NotFound, {absent}, [&] { find_model(absent, Role::Embedder, &custom); });
  expect_error(ErrorCode::NotFound, {absent, "does not exist"},
               [&] { find_model(absent, Role::Embedder); });
  expect_error(ErrorCode::Settings, {"empty"}, [] { find_model("", Role::Embedder); });
}

TEST_F(CatalogTest, TheFingerprintHoldsWhatDecidesTheEmbedding) {
  const Json base = add("first", "bytes");
  const std::string fingerprint = find_model("first", Role::Embedder).fingerprint;
  const auto with = [&](const std::string& field, const Json& value) {
    Json json = base;
    json[field] = value;
    write_file(folder_ / "first.json", json.dump());
    return find_model("first", Role::Embedder).fingerprint;
  };
  EXPECT_NE(with("input", {96, 96}), fingerprint);
  EXPECT_NE(with("colour", "RGB"), fingerprint);
  EXPECT_NE(with("mean", {0, 0, 1}), fingerprint);
  EXPECT_NE(with("scale", 0.5), fingerprint);
  EXPECT_NE(with("template", "openface"), fingerprint);
  EXPECT_NE(with("margin", 0.1), fingerprint);
  EXPECT_NE(with("output", "fc"), fingerprint);
  EXPECT_NE(with("unit_length", true), fingerprint);
  EXPECT_EQ(with("title", "another title"), fingerprint);
  EXPECT_EQ(with("preference", 5), fingerprint);
  add("first", "other");
  EXPECT_NE(find_model("first", Role::Embedder).fingerprint, fingerprint);
}

TEST_F(CatalogTest, ProfilesThatNameEachOtherEnd) {
  const auto detector = [&](const std::string& name, const std::string& landmarks) {
    Json json = add(name, "bytes", 10);
    json["role"] = "detector";
    json["method"] = "yunet";
    json["landmarks"] = landmarks;
    json.erase("template");
    json.erase("dimension");
    write_file(folder_ / (name + ".json"), json.dump());
  };
  detector("itself", "itself");
  detector("one", "two");
  detector("two", "three");
  detector("three", "one");
  for (const Profile& profile : facerec::list_profiles()) EXPECT_FALSE(is_present(profile));
  expect_error(ErrorCode::NotFound, {"itself, one, three, two"},
               [] { find_model("auto", Role::Detector); });
  expect_error(ErrorCode::Settings, {"'itself' has the role detector"},
               [] { facerec::make_detector(find_model("itself", Role::Detector)); });
}

TEST_F(CatalogTest, ProfilesAreListedByRoleAndPreference) {
  add("b", "b", 20);
  add("a", "a", 30);
  add("c", "c", 10);
  std::vector<std::string> names;
  for (const Profile& profile : facerec::list_profiles()) names.push_back(profile.name);
  EXPECT_EQ(names, (std::vector<std::string>{"c", "b", "a"}));
  write_file(folder_ / "broken.json", "{");
  std::vector<std::string> problems;
  EXPECT_EQ(facerec::list_profiles(&problems).size(), names.size());
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems[0].find("broken.json"), std::string::npos) << problems[0];
  EXPECT_NO_THROW(find_model("auto", Role::Embedder));
}

}  // namespace
