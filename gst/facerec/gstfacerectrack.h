// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "gstfacerecfilter.h"

G_BEGIN_DECLS

#define GST_TYPE_FACEREC_TRACK (gst_facerec_track_get_type())
G_DECLARE_FINAL_TYPE(GstFacerecTrack, gst_facerec_track, GST, FACEREC_TRACK, GstFacerecFilter)

GST_ELEMENT_REGISTER_DECLARE(facetrack)

G_END_DECLS
