// SPDX-License-Identifier: LGPL-2.1-or-later

// The plugin's objects linked into a program, which registers the elements that it wants.

#include "gstfacerecalign.h"
#include "gstfacerecannotate.h"
#include "gstfacerecbin.h"
#include "gstfacerecdetect.h"
#include "gstfacerecembed.h"
#include "gstfacerecmatch.h"
#include "support.h"

// last: it defines the word fail
#include <gst/check/gstcheck.h>

G_BEGIN_DECLS
GST_PLUGIN_STATIC_DECLARE(facerec);
G_END_DECLS

namespace {

bool is_known(const char* name) {
  GstElementFactory* factory = gst_element_factory_find(name);
  if (factory == nullptr) return false;
  gst_object_unref(factory);
  return true;
}

}  // namespace

GST_START_TEST(registers_one_element_at_a_time) {
  fail_if(is_known("facealign"), "a plugin was found that should not be searched here");
  fail_unless(GST_ELEMENT_REGISTER(facealign, nullptr));
  fail_unless(is_known("facealign"));
  fail_if(is_known("faceembed"));
  fail_unless(GST_ELEMENT_REGISTER(faceembed, nullptr));
  fail_unless(GST_ELEMENT_REGISTER(facematch, nullptr));
  fail_unless(GST_ELEMENT_REGISTER(faceannotate, nullptr));
  fail_unless(GST_ELEMENT_REGISTER(facerecdetect, nullptr));
  fail_unless(GST_ELEMENT_REGISTER(facedetect, nullptr));
  fail_unless(GST_ELEMENT_REGISTER(facerec, nullptr));
  const test::Message last = test::run(
      "videotestsrc num-buffers=2 ! facealign landmarks=none ! faceembed model=facerec-embed ! "
      "faceannotate ! fakesink");
  fail_unless(last != nullptr && GST_MESSAGE_TYPE(last.get()) == GST_MESSAGE_EOS);
}
GST_END_TEST;

GST_START_TEST(registers_the_whole_plugin) {
  GST_PLUGIN_STATIC_REGISTER(facerec);
  for (const char* name : {"facedetect", "facerecdetect", "facealign", "faceembed", "facematch",
                           "faceannotate", "facerec"}) {
    const test::Element element(gst_parse_launch(name, nullptr));
    fail_unless(element && g_str_has_prefix(G_OBJECT_TYPE_NAME(element.get()), "GstFacerec"));
  }
}
GST_END_TEST;

int main(int argc, char** argv) {
  gst_check_init(&argc, &argv);
  Suite* suite = suite_create("static");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, registers_one_element_at_a_time);
  tcase_add_test(tests, registers_the_whole_plugin);
  return test::run_suite(suite);
}
