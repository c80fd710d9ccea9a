// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#include <string>

namespace facerec {

/// The type of an element upstream that is called a face detector and is not this plugin's, where
/// none of this plugin's elements stands between; empty where there is none.
std::string foreign_detector_before(GstElement* element);

/// Whether a buffer has regions of interest of type "face" and no GstFaceMeta.
bool has_only_regions(GstBuffer* buffer);

}  // namespace facerec
