// SPDX-License-Identifier: LGPL-2.1-or-later

#include "trackevent.h"

namespace facerec {

namespace {

constexpr const char* kStructure = "facerec-tracks-ended";
constexpr const char* kTracks = "tracks";

}  // namespace

GstEvent* new_tracks_ended_event(const std::vector<std::int64_t>& tracks) {
  GValue array = G_VALUE_INIT;
  g_value_init(&array, GST_TYPE_ARRAY);
  for (const std::int64_t track : tracks) {
    GValue value = G_VALUE_INIT;
    g_value_init(&value, G_TYPE_INT64);
    g_value_set_int64(&value, track);
    gst_value_array_append_and_take_value(&array, &value);
  }
  GstStructure* structure = gst_structure_new_empty(kStructure);
  gst_structure_take_value(structure, kTracks, &array);
  return gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM, structure);
}

std::vector<std::int64_t> ended_tracks_of_event(GstEvent* event) {
  std::vector<std::int64_t> tracks;
  if (GST_EVENT_TYPE(event) != GST_EVENT_CUSTOM_DOWNSTREAM) return tracks;
  const GstStructure* structure = gst_event_get_structure(event);
  if (structure == nullptr || gst_structure_has_name(structure, kStructure) == FALSE) return tracks;
  const GValue* array = gst_structure_get_value(structure, kTracks);
  if (array == nullptr || !GST_VALUE_HOLDS_ARRAY(array)) return tracks;
  for (guint i = 0; i < gst_value_array_get_size(array); ++i) {
    const GValue* value = gst_value_array_get_value(array, i);
    if (G_VALUE_HOLDS_INT64(value)) tracks.push_back(g_value_get_int64(value));
  }
  return tracks;
}

}  // namespace facerec
