// SPDX-License-Identifier: LGPL-2.1-or-later

#include <gst/gst.h>

#include "gstfacerecalign.h"
#include "gstfacerecannotate.h"
#include "gstfacerecattach.h"
#include "gstfacerecbin.h"
#include "gstfacerecdetect.h"
#include "gstfacerecembed.h"
#include "gstfacerecmatch.h"
#include "gstfacerectrack.h"

static gboolean plugin_init(GstPlugin* plugin) {
  // facerecdetect is the name of facedetect that never is another plugin's
  return GST_ELEMENT_REGISTER(facedetect, plugin) && GST_ELEMENT_REGISTER(facerecdetect, plugin) &&
         GST_ELEMENT_REGISTER(facetrack, plugin) && GST_ELEMENT_REGISTER(facealign, plugin) &&
         GST_ELEMENT_REGISTER(faceembed, plugin) && GST_ELEMENT_REGISTER(facematch, plugin) &&
         GST_ELEMENT_REGISTER(faceannotate, plugin) && GST_ELEMENT_REGISTER(faceattach, plugin) &&
         GST_ELEMENT_REGISTER(facerec, plugin);
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, facerec,
                  "Face recognition: detect, track, align, embed, match, annotate", plugin_init,
                  PACKAGE_VERSION, "LGPL", "gst-facerec", "Unknown package origin")
