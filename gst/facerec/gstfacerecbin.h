// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_FACEREC_BIN (gst_facerec_bin_get_type())
G_DECLARE_FINAL_TYPE(GstFacerecBin, gst_facerec_bin, GST, FACEREC_BIN, GstBin)

GST_ELEMENT_REGISTER_DECLARE(facerec)

G_END_DECLS
