// SPDX-License-Identifier: LGPL-2.1-or-later
#include "foreign.h"

#include <gst/face/face.h>
#include <gst/video/gstvideometa.h>

#include "gstfacerecfilter.h"
#include "upstream.h"

namespace facerec {

namespace {

/// By its type: its factory may be gone, as the registry drops one of two with the same name.
bool is_detector(GstElement* element) {
  return g_str_has_suffix(G_OBJECT_TYPE_NAME(element), "FaceDetect") != FALSE;
}

}  // namespace

std::string foreign_detector_before(GstElement* element) {
  std::string found;
  search_upstream(element, [&](GstElement* before) {
    if (GST_IS_FACEREC_FILTER(before)) return Search::Ends;
    if (!is_detector(before)) return Search::GoesOn;
    found = G_OBJECT_TYPE_NAME(before);
    return Search::Found;
  });
  return found;
}

bool has_only_regions(GstBuffer* buffer) {
  if (gst_buffer_get_n_face_metas(buffer) > 0) return false;
  gpointer state = nullptr;
  while (const GstMeta* meta = gst_buffer_iterate_meta_filtered(
             buffer, &state, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE)) {
    const auto* region = reinterpret_cast<const GstVideoRegionOfInterestMeta*>(meta);
    if (region->roi_type == g_quark_from_static_string("face")) return true;
  }
  return false;
}

}  // namespace facerec
