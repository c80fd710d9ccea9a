#pragma once

#include "model_fixtures.h"
#include "random_network.h"

/// Expects that `make` refuses the model with one line that names its first file.
template <typename Make>
void expect_refused(const facerec::Model& model, Make make, const std::string& what) {
  try {
    make(model);
    ADD_FAILURE() << model.profile.name << " took " << what;
  } catch (const facerec::Error& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find(model.files.front().string()), std::string::npos) << what << ": " << text;
    EXPECT_EQ(text.find('\n'), std::string::npos) << what << ": " << text;
    EXPECT_TRUE(error.code() == facerec::ErrorCode::Read ||
                error.code() == facerec::ErrorCode::Mismatch)
        << what << ": " << text;
  }
}

/// Expects that `make` refuses, in place of the model's first file, whose content is `whole`: an
/// empty file, half of it, files of other kinds, and a network of another shape.
template <typename Make>
void expect_refusals(facerec::Model model, const std::string& whole, Make make) {
  const TemporaryFolder folder;
  const std::pair<const char*, std::string> contents[] = {
      {"an empty file", ""},
      {"half of its file", whole.substr(0, whole.size() / 2)},
      {"a text", "this is a text and not a network\n"},
      {"zeros", std::string(5000, '\0')}};
  const std::filesystem::path name = model.files.front().filename();
  for (const auto& [what, content] : contents) {
    model.files.front() = folder / name;
    write_file(model.files.front(), content);
    expect_refused(model, make, what);
  }
  const cv::Size input = model.profile.input;
  model.files.front() = folder / "other.onnx";
  RandomNetwork(input, 37, model.profile.output.empty() ? "out" : model.profile.output)
      .write(model.files.front());
  expect_refused(model, make, "a network of another output");
  RandomNetwork({input.width + 16, input.height + 32}, std::max(model.profile.dimension, 37))
      .write(model.files.front());
  expect_refused(model, make, "a network of another input");
}
