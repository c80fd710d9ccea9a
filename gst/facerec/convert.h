// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

// The only place that knows both the core's types and the metadata's.
//
// The core puts pixel centres at integer coordinates, the metadata puts the frame's corner at
// (0, 0): points differ by half a pixel. Boxes are the same in both.

#include <gst/face/face.h>

#include <optional>

#include "face.h"
#include "match/metric.h"
#include "match/track_decision.h"

namespace facerec {

/// The number after `id` of those that gst_buffer_add_face_meta() takes; 0 after the last.
guint next_face_id(guint id);

/// Adds a face with box, confidence and landmarks, and its region of interest; with the next id
/// where another face of the buffer has that one. Null where the face has no valid box.
GstFaceMeta* add_face(GstBuffer* buffer, guint id, const Face& face);

Face face_of(const GstFaceMeta* meta);

void set_landmarks(GstFaceMeta* meta, const Landmarks& landmarks);

/// Clears it where there is none. Of a mask only that there is one is kept.
void set_alignment(GstFaceMeta* meta, const std::optional<Alignment>& alignment);
/// The mask is that of the face's landmarks; empty where these are not the ones that it needs.
std::optional<Alignment> alignment_of(const GstFaceMeta* meta);

void set_quality(GstFaceMeta* meta, const Quality& quality);
Quality quality_of(const GstFaceMeta* meta);

void set_embedding(GstFaceMeta* meta, const Embedding& embedding);
std::optional<Embedding> embedding_of(const GstFaceMeta* meta);

GstFaceMetric to_meta(Metric metric);
Metric from_meta(GstFaceMetric metric);

/// The nearest person, accepted or not, the runner-up, and what was decided.
void set_identity(GstFaceMeta* meta, const TrackVerdict& verdict);

}  // namespace facerec
