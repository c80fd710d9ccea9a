/* gst-facerec
 * Copyright (C) 2026 the gst-facerec authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_FACE_H__
#define __GST_FACE_H__

#include <gst/face/face-prelude.h>

#include <gst/face/face-enumtypes.h>
#include <gst/face/gstfaceembedding.h>
#include <gst/face/gstfaceframemeta.h>
#include <gst/face/gstfaceidentity.h>
#include <gst/face/gstfacemeta.h>

#endif /* __GST_FACE_H__ */
