/* gst-facerec
 * Copyright (C) 2026 the gst-facerec authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_FACE_PRELUDE_H__
#define __GST_FACE_PRELUDE_H__

#include <gst/gst.h>

#ifdef BUILDING_GST_FACE
#define GST_FACE_API GST_API_EXPORT
#else
#define GST_FACE_API GST_API_IMPORT
#endif

#endif /* __GST_FACE_PRELUDE_H__ */
