// SPDX-License-Identifier: LGPL-2.1-or-later

// The names of the elements, also beside gstreamer1.0-opencv, which has a facedetect too.

#include <cstdlib>

#include "support.h"

// last: it defines the word fail
#include <gst/check/gstcheck.h>

namespace {

/// What a command prints and logs in a process with its own registry.
std::string output_of(const std::string& command, const std::string& plugin_path,
                      const std::string& registry) {
  gchar** environment = g_get_environ();
  environment = g_environ_setenv(environment, "GST_PLUGIN_PATH", plugin_path.c_str(), TRUE);
  environment = g_environ_setenv(environment, "GST_REGISTRY", registry.c_str(), TRUE);
  environment = g_environ_setenv(environment, "GST_DEBUG", "facerec*:WARNING", TRUE);
  gchar** arguments = g_strsplit(command.c_str(), " ", -1);
  gchar* output = nullptr;
  gchar* log = nullptr;
  gint status = -1;
  fail_unless(g_spawn_sync(nullptr, arguments, environment, G_SPAWN_SEARCH_PATH, nullptr, nullptr,
                           &output, &log, &status, nullptr));
  const std::string text = std::string(output) + log;
  g_free(output);
  g_free(log);
  g_strfreev(arguments);
  g_strfreev(environment);
  fail_unless_equals_int(status, 0);
  return text;
}

bool is_ours(const std::string& element, const std::string& path, const std::string& registry) {
  const std::string text = output_of("gst-inspect-1.0 " + element, path, registry);
  return text.find("libgstfacerec.so") != std::string::npos;
}

/// Whether facerecdetect says, when it starts, that facedetect is another plugin's.
bool warns(const std::string& path, const std::string& registry) {
  const std::string log =
      output_of("gst-launch-1.0 videotestsrc num-buffers=1 ! facerecdetect model=haar ! fakesink",
                path, registry);
  return log.find("write facerecdetect") != std::string::npos;
}

std::string system_folder() {
  GstPlugin* core = gst_registry_find_plugin(gst_registry_get(), "coreelements");
  const std::string folder = test::fs::path(gst_plugin_get_filename(core)).parent_path();
  gst_object_unref(core);
  return folder;
}

}  // namespace

GST_START_TEST(both_names_give_the_same_element) {
  GType types[2];
  const char* names[] = {"facedetect", "facerecdetect"};
  for (int i = 0; i < 2; ++i) {
    GstElementFactory* found = gst_element_factory_find(names[i]);
    GstElementFactory* factory =
        GST_ELEMENT_FACTORY(gst_plugin_feature_load(GST_PLUGIN_FEATURE(found)));
    types[i] = gst_element_factory_get_element_type(factory);
    gst_object_unref(factory);
    gst_object_unref(found);
  }
  fail_unless(types[0] == types[1]);
  fail_unless_equals_string(g_type_name(types[1]), "GstFacerecDetect");
}
GST_END_TEST;

GST_START_TEST(every_element_can_be_made_and_describes_itself) {
  for (const char* name : {"facedetect", "facerecdetect", "facetrack", "facealign", "faceembed",
                           "facematch", "faceannotate", "facerec"}) {
    const test::Element element(gst_parse_launch(name, nullptr));
    fail_unless(g_str_has_prefix(G_OBJECT_TYPE_NAME(element.get()), "GstFacerec"));
    guint count = 0;
    GParamSpec** specs = g_object_class_list_properties(G_OBJECT_GET_CLASS(element.get()), &count);
    for (guint i = 0; i < count; ++i) {
      if (!g_str_has_prefix(g_type_name(specs[i]->owner_type), "GstFacerec")) continue;
      fail_unless(std::string(g_param_spec_get_blurb(specs[i])).size() > 10, "%s %s", name,
                  specs[i]->name);
      constexpr guint mutability =
          GST_PARAM_MUTABLE_READY | GST_PARAM_MUTABLE_PAUSED | GST_PARAM_MUTABLE_PLAYING;
      const bool writable = (specs[i]->flags & G_PARAM_WRITABLE) != 0;
      fail_unless(((specs[i]->flags & mutability) != 0) == writable, "%s %s", name, specs[i]->name);
    }
    g_free(specs);
  }
}
GST_END_TEST;

GST_START_TEST(the_second_name_is_ours_in_both_orders) {
  const char* ours_set = std::getenv("FACEREC_PLUGIN_DIR");
  if (ours_set == nullptr) {
    test::skip("gst-inspect-1.0 cannot load a sanitizer's build");
    return;
  }
  const std::string ours = ours_set;
  const std::string theirs = system_folder();
  if (test::skip_without({theirs + "/libgstopencv.so"}) != 0) return;
  const test::Folder folder;
  const std::string first = ours + ":" + theirs;
  const std::string last = theirs + ":" + ours;
  for (int round = 0; round < 2; ++round) {  // the second with a cached registry
    fail_unless(is_ours("facerecdetect", first, folder / "first"));
    fail_unless(is_ours("facerecdetect", last, folder / "last"));
    fail_unless(is_ours("facedetect", last, folder / "last"));
  }
  fail_if(is_ours("facedetect", first, folder / "first"));
  fail_unless(warns(first, folder / "first"));
  fail_if(warns(last, folder / "last"));
}
GST_END_TEST;

GST_START_TEST(who_reads_faces_warns_of_the_other_facedetect_before_it) {
  const char* ours = std::getenv("FACEREC_PLUGIN_DIR");
  if (ours == nullptr) {
    test::skip("gst-launch-1.0 cannot load a sanitizer's build");
    return;
  }
  const std::string theirs = system_folder();
  if (test::skip_without({theirs + "/libgstopencv.so"}) != 0) return;
  const test::Folder folder;
  const std::string path = std::string(ours) + ":" + theirs;
  const auto count_warnings = [&](const std::string& rest) {
    const std::string text = output_of(
        "gst-launch-1.0 videotestsrc num-buffers=3 ! "
        "video/x-raw,format=RGB ! " +
            rest + " ! fakesink",
        path, folder / "registry");
    int count = 0;
    for (auto at = text.find("is another plugin's GstFaceDetect"); at != std::string::npos;
         at = text.find("is another plugin's GstFaceDetect", at + 1)) {
      if (text.rfind("WARNING: from element", at) != std::string::npos) ++count;
    }
    return count;
  };
  fail_unless_equals_int(count_warnings("facedetect ! facealign landmarks=none"), 1);
  fail_unless_equals_int(count_warnings("facedetect ! queue ! videoconvert ! faceannotate"), 1);
  // the first of ours says it for those behind it
  fail_unless_equals_int(
      count_warnings("facedetect ! facealign landmarks=none ! faceembed model=facerec-embed"), 1);
  fail_unless_equals_int(
      count_warnings("facedetect ! facerecdetect model=haar ! facealign landmarks=none"), 0);
  fail_unless_equals_int(count_warnings("facerecdetect model=haar ! facealign landmarks=none"), 0);
}
GST_END_TEST;

int main(int argc, char** argv) {
  gst_check_init(&argc, &argv);
  Suite* suite = suite_create("registration");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, both_names_give_the_same_element);
  tcase_add_test(tests, every_element_can_be_made_and_describes_itself);
  tcase_add_test(tests, the_second_name_is_ours_in_both_orders);
  tcase_add_test(tests, who_reads_faces_warns_of_the_other_facedetect_before_it);
  return test::run_suite(suite);
}
