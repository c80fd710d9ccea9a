// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gstfacerecfilter.h"

G_BEGIN_DECLS

#define GST_TYPE_FACEREC_ALIGN (gst_facerec_align_get_type())
G_DECLARE_FINAL_TYPE(GstFacerecAlign, gst_facerec_align, GST, FACEREC_ALIGN, GstFacerecFilter)

GST_ELEMENT_REGISTER_DECLARE(facealign)

G_END_DECLS
