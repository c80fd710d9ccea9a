// SPDX-License-Identifier: LGPL-2.1-or-later

#include <gst/gst.h>

#include "gstfacerecalign.h"
#include "gstfacerecannotate.h"
#include "gstfacerecbin.h"
#include "gstfacerecdetect.h"
#include "gstfacerecembed.h"
#include "gstfacerecmatch.h"

static gboolean plugin_init(GstPlugin* plugin) {
  GST_DEBUG_CATEGORY_INIT(gst_facerec_debug, "facerec", 0, "face recognition");
  gst_facerec_detect_remember_name_owner();
  const struct {
    const char* name;
    GType type;
  } elements[] = {
      {"facedetect", GST_TYPE_FACEREC_DETECT},
      {"facerecdetect", GST_TYPE_FACEREC_DETECT},  // never another plugin's
      {"facealign", GST_TYPE_FACEREC_ALIGN},
      {"faceembed", GST_TYPE_FACEREC_EMBED},
      {"facematch", GST_TYPE_FACEREC_MATCH},
      {"faceannotate", GST_TYPE_FACEREC_ANNOTATE},
      {"facerec", GST_TYPE_FACEREC_BIN},
  };
  for (const auto& element : elements) {
    if (!gst_element_register(plugin, element.name, GST_RANK_NONE, element.type)) return FALSE;
  }
  return TRUE;
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, facerec,
                  "Face recognition: detect, align, embed, match, annotate", plugin_init,
                  PACKAGE_VERSION, "LGPL", "gst-facerec", "Unknown package origin")
