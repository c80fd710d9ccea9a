// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gstfacerecfilter.h"

G_BEGIN_DECLS

#define GST_TYPE_FACEREC_EMBED (gst_facerec_embed_get_type())
G_DECLARE_FINAL_TYPE(GstFacerecEmbed, gst_facerec_embed, GST, FACEREC_EMBED, GstFacerecFilter)

GST_ELEMENT_REGISTER_DECLARE(faceembed)

G_END_DECLS
