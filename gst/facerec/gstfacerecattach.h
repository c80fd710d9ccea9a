// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_FACEREC_ATTACH (gst_facerec_attach_get_type())
G_DECLARE_FINAL_TYPE(GstFacerecAttach, gst_facerec_attach, GST, FACEREC_ATTACH, GstElement)

GST_ELEMENT_REGISTER_DECLARE(faceattach)

G_END_DECLS
