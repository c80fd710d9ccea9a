// SPDX-License-Identifier: LGPL-2.1-or-later

// What the elements say about models that are missing, empty, truncated or of another kind.

#include <fstream>

#include "support.h"

// last: it defines the word fail
#include <gst/check/gstcheck.h>

namespace {

struct Case {
  std::string element;
  int code;
  std::vector<std::string> words;
};

test::Message run(const std::string& element) {
  return test::run("videotestsrc ! video/x-raw,width=64,height=64 ! " + element + " ! fakesink");
}

void expect_error(const Case& each) {
  const test::Message last = run(each.element);
  test::expect_problem(last.get(), GST_MESSAGE_ERROR, GST_RESOURCE_ERROR, each.code, each.words);
}

/// The element's name, its property for the model, and how a bare network is described.
struct Kind {
  std::string element;
  std::string property;
  std::string custom;
};
const std::vector<Kind> kKinds{
    {"facerecdetect", "model", " method=yunet input-size=64x64"},
    {"facealign", "landmarks", " input-size=112x112"},
    {"faceembed", "model", " input-size=112x112"},
};

void write(const test::fs::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

}  // namespace

GST_START_TEST(a_model_that_does_not_exist) {
  for (const Kind& kind : kKinds) {
    const std::string set = kind.element + " " + kind.property + "=";
    expect_error({set + "/nowhere/net.onnx",
                  GST_RESOURCE_ERROR_NOT_FOUND,
                  {"/nowhere/net.onnx", "does not exist"}});
    expect_error({set + "nosuchmodel", GST_RESOURCE_ERROR_NOT_FOUND, {"nosuchmodel"}});
    expect_error({set + "/nowhere/net.onnx" + kind.custom,
                  GST_RESOURCE_ERROR_NOT_FOUND,
                  {"/nowhere/net.onnx"}});
    expect_error({set + "/nowhere/net.json", GST_RESOURCE_ERROR_NOT_FOUND, {"/nowhere/net.json"}});
  }
}
GST_END_TEST;

GST_START_TEST(names_that_stand_for_nothing_to_read) {
  const test::Folder folder;
  test::fs::create_directory(folder / "net.onnx");
  test::fs::create_directory(folder / "net.json");
  for (const Kind& kind : kKinds) {
    const std::string set = kind.element + " " + kind.property + "=";
    for (const char* name : {"net.onnx", "net.json", ""}) {
      const std::string path = folder / name;
      expect_error({set + path, GST_RESOURCE_ERROR_OPEN_READ, {path, "is a folder"}});
      expect_error({set + path + kind.custom, GST_RESOURCE_ERROR_OPEN_READ, {path, "is a folder"}});
    }
    expect_error({set + "/dev/null" + kind.custom, GST_RESOURCE_ERROR_OPEN_READ, {"/dev/null"}});
    expect_error({set + "\"\"", GST_RESOURCE_ERROR_SETTINGS, {"empty", "facerec models list"}});
  }
}
GST_END_TEST;

GST_START_TEST(the_debug_text_says_where_when_and_with_what) {
  for (const Kind& kind : kKinds) {
    const test::Message last =
        run(kind.element + " " + kind.property + "=/nowhere/net.onnx" + kind.custom);
    gchar* debug = nullptr;
    gst_message_parse_error(last.get(), nullptr, &debug);
    for (const char* word : {"gstfacerecfilter.cpp(", "facerec::Error while starting", "net.onnx",
                             kind.property.c_str(), "input-size="}) {
      fail_if(std::string(debug).find(word) == std::string::npos, "'%s' is not in: %s", word,
              debug);
    }
    fail_unless(std::string(debug).find("mean=") == std::string::npos, "a default: %s", debug);
    g_free(debug);
  }
}
GST_END_TEST;

GST_START_TEST(a_profile_whose_file_was_not_fetched) {
  const test::Folder folder;
  write(folder / "absent.json",
        R"({"name": "absent", "title": "a test", "role": "embedder", "method": "network",
            "preference": 1, "licence": "none", "source": "get it from its maker",
            "files": [{"name": "absent.onnx"}], "input": [112, 112], "template": "arcface",
            "dimension": 128})");
  expect_error({"faceembed model=" + (folder / "absent.json").string(),
                GST_RESOURCE_ERROR_NOT_FOUND,
                {"absent.onnx", "get it from its maker"}});
}
GST_END_TEST;

GST_START_TEST(a_profile_that_is_no_utf8) {
  const test::Folder folder;
  write(folder / "bad.json", "\"\xc3(");
  expect_error({"faceembed model=" + (folder / "bad.json").string(),
                GST_RESOURCE_ERROR_OPEN_READ,
                {"bad.json", "\xef\xbf\xbd"}});
}
GST_END_TEST;

GST_START_TEST(files_that_are_empty_or_of_another_kind) {
  const test::Folder folder;
  for (const Kind& kind : kKinds) {
    for (const auto& [name, content] : {std::pair<std::string, std::string>{"empty.onnx", ""},
                                        {"text.onnx", "this is no network"},
                                        {"text.t7", "this is no network"},
                                        {"empty.pb", ""}}) {
      const std::string file = folder / name;
      write(file, content);
      expect_error({kind.element + " " + kind.property + "=" + file + kind.custom,
                    GST_RESOURCE_ERROR_OPEN_READ,
                    {name}});
    }
  }
}
GST_END_TEST;

GST_START_TEST(a_cascade_that_is_truncated) {
  const std::string cascade = "/usr/share/opencv4/haarcascades/haarcascade_frontalface_alt2.xml";
  if (test::skip_without({cascade}) != 0) return;
  const test::Folder folder;
  const std::string file = folder / "half.xml";
  test::fs::copy_file(cascade, file);
  test::fs::permissions(file, test::fs::perms::owner_all);
  test::fs::resize_file(file, test::fs::file_size(file) / 2);
  expect_error({"facerecdetect method=haar input-size=640x640 model=" + file,
                GST_RESOURCE_ERROR_OPEN_READ,
                {"half.xml"}});
}
GST_END_TEST;

GST_START_TEST(a_network_that_is_truncated) {
  const test::fs::path models = test::shared_folder() / "models";
  const struct {
    std::string file;
    std::string element;
  } networks[] = {
      {"face_detection_yunet_2023mar.onnx", "facerecdetect method=yunet input-size=320x320 model="},
      {"pfld_cunjian.onnx", "facealign method=landmarks68 input-size=112x112 landmarks="},
      {"mobilefacenet_y1_128d.onnx", "faceembed input-size=112x112 model="},
      {"openface_nn4small2_partial.t7", "faceembed input-size=96x96 template=openface model="},
  };
  for (const auto& network : networks) {
    if (test::skip_without({models / network.file}) != 0) return;
    const test::Folder folder;
    const std::string file = folder / network.file;
    test::fs::copy_file(models / network.file, file);
    test::fs::permissions(file, test::fs::perms::owner_all);
    test::fs::resize_file(file, test::fs::file_size(file) / 2);
    expect_error({network.element + file, GST_RESOURCE_ERROR_OPEN_READ, {network.file}});
  }
}
GST_END_TEST;

GST_START_TEST(files_that_are_replaced_or_removed_while_playing) {
  if (test::skip_without({test::portrait_file()}) != 0) return;
  const test::Folder folder;
  const test::fs::path models = g_getenv("FACEREC_MODEL_PATH");
  const std::vector<std::string> names{"facerec-detect", "facerec-landmarks", "facerec-embed"};
  for (const std::string& name : names) {
    for (const char* kind : {".json", ".onnx"})
      test::fs::copy_file(models / (name + kind), folder / (name + kind));
  }
  const auto profile = [&](int i) { return (folder / (names.at(i) + ".json")).string(); };
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_NV12, 434, 434);
  test::Bench bench("facerec mode=sync detector=" + profile(0) + " landmarks=" + profile(1) +
                        " model=" + profile(2),
                    info);
  const auto expect_an_embedding = [&](const GstVideoInfo& format) {
    bench.set_format(format);
    const test::Buffer out = bench.pass(test::photo_frame(test::portrait_file(), format));
    const auto faces = test::faces_of(out.get());
    fail_unless(faces.size() == 1 && gst_face_meta_get_embedding(faces[0]) != nullptr);
  };
  expect_an_embedding(info);
  for (const std::string& name : names) write(folder / (name + ".onnx"), "half a download");
  expect_an_embedding(info);
  expect_an_embedding(test::video_info(GST_VIDEO_FORMAT_I420, 320, 240));
  for (const std::string& name : names) test::fs::remove(folder / (name + ".onnx"));
  expect_an_embedding(test::video_info(GST_VIDEO_FORMAT_BGR, 640, 480));
  fail_unless(bench.messages(GST_MESSAGE_ERROR).empty());
}
GST_END_TEST;

GST_START_TEST(an_engine_that_is_not_there) {
  expect_error({"facerecdetect engine=tensorrt",
                GST_RESOURCE_ERROR_SETTINGS,
                {"'tensorrt'", "auto, onnxruntime or opencv"}});
}
GST_END_TEST;

GST_START_TEST(settings_that_cannot_be_understood) {
  expect_error({"faceembed model=/tmp/x.onnx input-size=big",
                GST_RESOURCE_ERROR_SETTINGS,
                {"input-size=big", "112x112"}});
  expect_error({"faceembed model=/tmp/x.onnx input-size=112x112 mean=1,2",
                GST_RESOURCE_ERROR_SETTINGS,
                {"mean=1,2"}});
  const test::Folder folder;
  const std::string file = folder / "bare.onnx";
  write(file, "a network, perhaps");
  expect_error(
      {"faceembed model=" + file, GST_RESOURCE_ERROR_SETTINGS, {file, "without a profile"}});
  expect_error({"faceembed model=haar", GST_RESOURCE_ERROR_SETTINGS, {"haar", "detector"}});
}
GST_END_TEST;

int main(int argc, char** argv) {
  gst_check_init(&argc, &argv);
  Suite* suite = suite_create("model errors");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, a_model_that_does_not_exist);
  tcase_add_test(tests, names_that_stand_for_nothing_to_read);
  tcase_add_test(tests, the_debug_text_says_where_when_and_with_what);
  tcase_add_test(tests, a_profile_whose_file_was_not_fetched);
  tcase_add_test(tests, a_profile_that_is_no_utf8);
  tcase_add_test(tests, files_that_are_empty_or_of_another_kind);
  tcase_add_test(tests, a_cascade_that_is_truncated);
  tcase_add_test(tests, a_network_that_is_truncated);
  tcase_add_test(tests, files_that_are_replaced_or_removed_while_playing);
  tcase_add_test(tests, an_engine_that_is_not_there);
  tcase_add_test(tests, settings_that_cannot_be_understood);
  return test::run_suite(suite);
}
