// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gstfacerecfilter.h"

G_BEGIN_DECLS

#define GST_TYPE_FACEREC_ANNOTATE (gst_facerec_annotate_get_type())
G_DECLARE_FINAL_TYPE(GstFacerecAnnotate, gst_facerec_annotate, GST, FACEREC_ANNOTATE,
                     GstFacerecFilter)

GST_ELEMENT_REGISTER_DECLARE(faceannotate)

G_END_DECLS
