// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gstfacerecfilter.h"

G_BEGIN_DECLS

#define GST_TYPE_FACEREC_DETECT (gst_facerec_detect_get_type())
G_DECLARE_FINAL_TYPE(GstFacerecDetect, gst_facerec_detect, GST, FACEREC_DETECT, GstFacerecFilter)

/// To be called before "facedetect" is registered, which hides in this process what the registry
/// gave for the name until then: an element that starts says so once where that was another
/// plugin's.
void gst_facerec_detect_remember_name_owner(void);

G_END_DECLS
