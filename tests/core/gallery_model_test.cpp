// SPDX-License-Identifier: LGPL-2.1-or-later

#include "match/gallery_model.h"

#include <nlohmann/json.hpp>

#include "embed/find_embedder.h"
#include "match/decision.h"
#include "match/matcher.h"
#include "model_fixtures.h"

using namespace facerec;
using Json = nlohmann::json;

/// Galleries of models that lie where no search path leads, and the models found again.
class GalleryModelTest : public testing::Test {
 protected:
  GalleryModelTest() {
    std::filesystem::create_directory(folder / "path");
    std::filesystem::create_directory(folder / "own");
    setenv("FACEREC_MODEL_PATH", (folder / "path").c_str(), 1);
    setenv("XDG_DATA_HOME", (folder / "data").c_str(), 1);
    write_profile(folder / "own/mine.json", "mine");
    write_file(folder / "own/mine.onnx", "bytes");
  }

  static void write_profile(const std::filesystem::path& file, const std::string& name) {
    const Json json{
        {"name", name},        {"title", name},
        {"role", "embedder"},  {"files", {{{"name", name + ".onnx"}}}},
        {"licence", "MIT"},    {"source", "test"},
        {"input", {112, 112}}, {"template", "arcface"},
        {"dimension", 2},      {"thresholds", {{"cosine", {{"value", 0.25}, {"source", "test"}}}}}};
    write_file(file, json.dump());
  }

  /// Enrols somebody with the model and finds the model again.
  Model found_again(const Model& model, const std::string& name) const {
    const ModelFacts facts = facts_of(model.profile, name);
    Template entry;
    entry.embedding = {model.profile.name, model.fingerprint, {1, 2}, false};
    Gallery(file, Gallery::Mode::Create).enroll("Ada", {entry}, &facts);
    return model_of(Gallery(file, Gallery::Mode::ReadOnly)).value();
  }

  TemporaryFolder folder;
  const std::filesystem::path file = folder / "people.db";
};

TEST_F(GalleryModelTest, AnEmptyGalleryHasNone) {
  EXPECT_FALSE(model_of(Gallery(file, Gallery::Mode::Create)));
}

TEST_F(GalleryModelTest, DecidesByTheProfileItKeepsBeforeAnyOther) {
  const Model model = find_embedder((folder / "own/mine.json").string(), "");
  found_again(model, (folder / "own/mine.json").string());
  Profile other = model.profile;
  other.thresholds = {{"cosine", {0.9, "test"}}};
  const Gallery gallery(file, Gallery::Mode::ReadOnly);
  const Matcher matcher(gallery, Metric::Cosine);
  EXPECT_EQ(Decision({}, matcher, &other).threshold(), Decision({}, matcher, nullptr).threshold());
}

TEST_F(GalleryModelTest, AProfileGivenByItsPathIsFoundFromEverywhere) {
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder / "own");
  const Model model = find_embedder("./mine.json", "");
  const Model first = found_again(model, "./mine.json");
  std::filesystem::current_path(before);
  EXPECT_EQ(first.fingerprint, model.fingerprint);
  const Gallery gallery(file, Gallery::Mode::ReadOnly);
  EXPECT_EQ(model_of(gallery)->fingerprint, model.fingerprint);
  EXPECT_EQ(default_threshold(*Matcher(gallery, Metric::Cosine).profile(), Metric::Cosine), 0.25);

  std::filesystem::rename(folder / "own", folder / "away");
  expect_error(ErrorCode::NotFound, {"own/mine.json"}, [&] { model_of(gallery); });
  write_profile(folder / "path/mine.json", "mine");
  write_file(folder / "path/mine.onnx", "bytes");
  EXPECT_EQ(model_of(gallery)->fingerprint, model.fingerprint) << "found by its name";
}

TEST_F(GalleryModelTest, AnotherTemplateIsUsedAgain) {
  const std::string name = folder / "own/mine.json";
  const Model model = find_embedder(name, "openface");
  EXPECT_NE(model.fingerprint, find_embedder(name, "").fingerprint);
  EXPECT_EQ(find_embedder(name, "arcface").fingerprint, find_embedder(name, "").fingerprint);
  const Model again = found_again(model, name);
  EXPECT_EQ(again.fingerprint, model.fingerprint);
  EXPECT_EQ(again.profile.template_name, "openface");
}

TEST_F(GalleryModelTest, ABareNetworkIsPreparedAgainAsItWas) {
  Profile custom;
  custom.role = Role::Embedder;
  custom.input = {64, 48};
  custom.rgb = true;
  custom.mean = {1, 2, 3.5};
  custom.scale = 0.0078125;
  custom.output = "out";
  const std::string name = folder / "own/mine.onnx";
  for (const char* template_name : {"", "dlib"}) {
    std::filesystem::remove(file);
    Model model = find_embedder(name, template_name, &custom);
    model.profile.dimension = 2;
    const Model again = found_again(model, name);
    EXPECT_EQ(again.fingerprint, model.fingerprint);
    EXPECT_EQ(again.files, model.files);
    EXPECT_EQ(to_json(again.profile), to_json(model.profile));
  }
}

TEST_F(GalleryModelTest, BrokenProfilesOfOthersDoNoHarm) {
  write_file(folder / "path/broken.json", "{");
  const std::string name = folder / "own/mine.json";
  const Model model = find_embedder(name, "");
  EXPECT_EQ(found_again(model, name).fingerprint, model.fingerprint);
  EXPECT_TRUE(Matcher(Gallery(file, Gallery::Mode::ReadOnly), Metric::Cosine).profile());
}
