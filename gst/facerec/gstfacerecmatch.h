// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gstfacerecfilter.h"

G_BEGIN_DECLS

#define GST_TYPE_FACEREC_MATCH (gst_facerec_match_get_type())
G_DECLARE_FINAL_TYPE(GstFacerecMatch, gst_facerec_match, GST, FACEREC_MATCH, GstFacerecFilter)

GST_ELEMENT_REGISTER_DECLARE(facematch)

G_END_DECLS
