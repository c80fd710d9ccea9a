// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gstfacerecfilter.h"

G_BEGIN_DECLS

#define GST_TYPE_FACEREC_DETECT (gst_facerec_detect_get_type())
G_DECLARE_FINAL_TYPE(GstFacerecDetect, gst_facerec_detect, GST, FACEREC_DETECT, GstFacerecFilter)

GST_ELEMENT_REGISTER_DECLARE(facedetect)
GST_ELEMENT_REGISTER_DECLARE(facerecdetect)

G_END_DECLS
