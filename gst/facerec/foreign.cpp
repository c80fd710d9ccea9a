// SPDX-License-Identifier: LGPL-2.1-or-later
#include "foreign.h"

#include <gst/face/face.h>
#include <gst/video/gstvideometa.h>

#include <memory>

#include "gstfacerecfilter.h"

namespace facerec {

namespace {

constexpr int kFarthest = 64;  ///< pads that are followed upstream

template <typename T>
using Owned = std::unique_ptr<T, decltype(&gst_object_unref)>;

/// By its type: its factory may be gone, as the registry drops one of two with the same name.
bool is_detector(GstElement* element) {
  return g_str_has_suffix(G_OBJECT_TYPE_NAME(element), "FaceDetect") != FALSE;
}

std::string foreign_detector_behind(GstPad* sink, int left);

/// Goes on with the pads that feed a source pad: through elements, and through the ghost pads of
/// bins in both directions.
std::string foreign_detector_feeding(GstPad* source, int left) {
  std::string found;
  GstIterator* iterator = gst_pad_iterate_internal_links(source);
  GValue item = G_VALUE_INIT;
  while (iterator != nullptr && found.empty() &&
         gst_iterator_next(iterator, &item) == GST_ITERATOR_OK) {
    found = foreign_detector_behind(GST_PAD(g_value_get_object(&item)), left);
    g_value_reset(&item);
  }
  if (G_IS_VALUE(&item)) g_value_unset(&item);
  g_clear_pointer(&iterator, gst_iterator_free);
  return found;
}

std::string foreign_detector_behind(GstPad* sink, int left) {
  const Owned<GstPad> peer(gst_pad_get_peer(sink), gst_object_unref);
  if (!peer || left == 0) return "";
  const Owned<GstElement> element(gst_pad_get_parent_element(peer.get()), gst_object_unref);
  if (element && GST_IS_FACEREC_FILTER(element.get())) return "";
  if (element && is_detector(element.get())) return G_OBJECT_TYPE_NAME(element.get());
  return foreign_detector_feeding(peer.get(), left - 1);
}

}  // namespace

std::string foreign_detector_before(GstElement* element) {
  const Owned<GstPad> sink(gst_element_get_static_pad(element, "sink"), gst_object_unref);
  return foreign_detector_behind(sink.get(), kFarthest);
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
