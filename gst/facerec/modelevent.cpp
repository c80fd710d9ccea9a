// SPDX-License-Identifier: LGPL-2.1-or-later

#include "modelevent.h"

namespace facerec {

namespace {

constexpr const char* kStructure = "facerec-model";
constexpr const char* kName = "name";
constexpr const char* kFingerprints[] = {"fingerprint", "masked-fingerprint"};

}  // namespace

GstEvent* new_model_event(const Embedder& embedder) {
  return gst_event_new_custom(
      GST_EVENT_CUSTOM_DOWNSTREAM_STICKY,
      gst_structure_new(kStructure, kName, G_TYPE_STRING, embedder.profile().name.c_str(),
                        kFingerprints[0], G_TYPE_STRING, embedder.fingerprint(false).c_str(),
                        kFingerprints[1], G_TYPE_STRING, embedder.fingerprint(true).c_str(),
                        nullptr));
}

std::vector<ModelId> models_of_event(GstEvent* event) {
  std::vector<ModelId> models;
  if (GST_EVENT_TYPE(event) != GST_EVENT_CUSTOM_DOWNSTREAM_STICKY) return models;
  const GstStructure* structure = gst_event_get_structure(event);
  if (gst_structure_has_name(structure, kStructure) == FALSE) return models;
  const gchar* name = gst_structure_get_string(structure, kName);
  for (const char* field : kFingerprints) {
    const gchar* fingerprint = gst_structure_get_string(structure, field);
    if (name != nullptr && fingerprint != nullptr) models.push_back({name, fingerprint});
  }
  return models;
}

}  // namespace facerec
