// SPDX-License-Identifier: LGPL-2.1-or-later

#include "convert.h"

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "align/mask.h"

namespace facerec {

namespace {

constexpr float kPixelCentre = 0.5F;

GstFaceLandmarkScheme to_meta(LandmarkScheme scheme) {
  switch (scheme) {
    case LandmarkScheme::None:
      return GST_FACE_LANDMARK_SCHEME_NONE;
    case LandmarkScheme::Eyes:
      return GST_FACE_LANDMARK_SCHEME_EYES_2;
    case LandmarkScheme::Five:
      return GST_FACE_LANDMARK_SCHEME_FIVE;
    case LandmarkScheme::SixtyEight:
      return GST_FACE_LANDMARK_SCHEME_SIXTY_EIGHT;
  }
  throw std::logic_error("unknown landmark scheme");
}

LandmarkScheme from_meta(GstFaceLandmarkScheme scheme) {
  switch (scheme) {
    case GST_FACE_LANDMARK_SCHEME_NONE:
      return LandmarkScheme::None;
    case GST_FACE_LANDMARK_SCHEME_EYES_2:
      return LandmarkScheme::Eyes;
    case GST_FACE_LANDMARK_SCHEME_FIVE:
      return LandmarkScheme::Five;
    case GST_FACE_LANDMARK_SCHEME_SIXTY_EIGHT:
      return LandmarkScheme::SixtyEight;
  }
  return LandmarkScheme::None;  // of a newer metadata library
}

/// The transform seen from coordinates that are moved by `offset` on both sides.
Affine move_origin(const Affine& transform, float offset) {
  Affine moved = transform;
  for (int row = 0; row < 2; ++row) {
    moved(row, 2) += offset - offset * (transform(row, 0) + transform(row, 1));
  }
  return moved;
}

}  // namespace

guint next_face_id(guint id) {
  return id == G_MAXINT ? 0 : id + 1;
}

GstFaceMeta* add_face(GstBuffer* buffer, guint id, const Face& face) {
  while (gst_buffer_get_face_meta(buffer, id) != nullptr) id = next_face_id(id);
  const GstFaceBox box = {face.box.x, face.box.y, face.box.width, face.box.height};
  GstFaceMeta* meta =
      gst_buffer_add_face_meta(buffer, id, &box, std::clamp(face.confidence, 0.F, 1.F));
  if (meta != nullptr) set_landmarks(meta, face.landmarks);
  return meta;
}

Face face_of(const GstFaceMeta* meta) {
  Face face;
  face.box = {meta->box.x, meta->box.y, meta->box.width, meta->box.height};
  face.confidence = meta->confidence;
  face.landmarks.scheme = from_meta(gst_face_meta_get_landmark_scheme(meta));
  if (face.landmarks.scheme != LandmarkScheme::None) {
    guint count = 0;
    const GstFacePoint* points = gst_face_meta_get_landmarks(meta, &count);
    face.landmarks.points.reserve(count);
    for (guint i = 0; i < count; ++i) {
      face.landmarks.points.emplace_back(points[i].x - kPixelCentre, points[i].y - kPixelCentre);
    }
  }
  return face;
}

void set_landmarks(GstFaceMeta* meta, const Landmarks& landmarks) {
  std::vector<GstFacePoint> points;
  points.reserve(landmarks.points.size());
  for (const cv::Point2f& point : landmarks.points) {
    points.push_back({point.x + kPixelCentre, point.y + kPixelCentre});
  }
  gst_face_meta_set_landmarks(meta, to_meta(landmarks.scheme), points.data(),
                              static_cast<guint>(points.size()));
}

void set_alignment(GstFaceMeta* meta, const std::optional<Alignment>& alignment) {
  if (!alignment) {
    gst_face_meta_set_alignment(meta, nullptr, nullptr, 0, 0);
    return;
  }
  const Affine transform = move_origin(alignment->transform, kPixelCentre);
  gst_face_meta_set_alignment(meta, transform.val, alignment->template_name.c_str(),
                              static_cast<guint>(alignment->size.width),
                              static_cast<guint>(alignment->size.height));
  gst_face_meta_set_masked(meta, static_cast<gboolean>(!alignment->mask.empty()));
}

std::optional<Alignment> alignment_of(const GstFaceMeta* meta) {
  const gfloat* transform = gst_face_meta_get_transform(meta);
  if (transform == nullptr) return std::nullopt;
  guint width = 0;
  guint height = 0;
  gst_face_meta_get_aligned_size(meta, &width, &height);
  Alignment alignment{move_origin(Affine(transform), -kPixelCentre),
                      gst_face_meta_get_template_name(meta),
                      {static_cast<int>(width), static_cast<int>(height)}};
  if (gst_face_meta_is_masked(meta) == FALSE) return alignment;
  return masked(std::move(alignment), face_of(meta).landmarks);
}

void set_quality(GstFaceMeta* meta, const Quality& quality) {
  GstFaceQuality value = GST_FACE_QUALITY_INIT;
  value.size = quality.eye_distance;
  value.sharpness = quality.sharpness;
  value.roll = quality.roll;
  value.yaw = quality.yaw;
  value.brightness = quality.brightness;
  gst_face_meta_set_quality(meta, &value);
}

Quality quality_of(const GstFaceMeta* meta) {
  const GstFaceQuality& quality = meta->quality;
  return {quality.size, quality.sharpness, quality.roll, quality.yaw, quality.brightness};
}

void set_embedding(GstFaceMeta* meta, const Embedding& embedding) {
  const std::unique_ptr<GstFaceEmbedding, decltype(&gst_face_embedding_unref)> value(
      gst_face_embedding_new(embedding.model.c_str(), embedding.fingerprint.c_str(),
                             embedding.values.data(), embedding.values.size()),
      gst_face_embedding_unref);
  gst_face_meta_set_embedding(meta, value.get());
}

std::optional<Embedding> embedding_of(const GstFaceMeta* meta) {
  const GstFaceEmbedding* value = gst_face_meta_get_embedding(meta);
  if (value == nullptr) return std::nullopt;
  gsize dimension = 0;
  const gfloat* values = gst_face_embedding_get_values(value, &dimension);
  return Embedding{gst_face_embedding_get_model(value), gst_face_embedding_get_fingerprint(value),
                   std::vector<float>(values, values + dimension),
                   gst_face_embedding_is_unit_length(value) != FALSE};
}

GstFaceMetric to_meta(Metric metric) {
  switch (metric) {
    case Metric::Cosine:
      return GST_FACE_METRIC_COSINE;
    case Metric::Euclidean:
      return GST_FACE_METRIC_EUCLIDEAN;
    case Metric::EuclideanL2:
      return GST_FACE_METRIC_EUCLIDEAN_L2;
  }
  throw std::logic_error("unknown metric");
}

Metric from_meta(GstFaceMetric metric) {
  switch (metric) {
    case GST_FACE_METRIC_COSINE:
      return Metric::Cosine;
    case GST_FACE_METRIC_EUCLIDEAN:
      return Metric::Euclidean;
    case GST_FACE_METRIC_EUCLIDEAN_L2:
      return Metric::EuclideanL2;
  }
  throw std::logic_error("unknown metric");
}

static GstFaceVerdict to_meta(TrackState state) {
  switch (state) {
    case TrackState::Undecided:
      return GST_FACE_VERDICT_UNDECIDED;
    case TrackState::Unknown:
      return GST_FACE_VERDICT_UNKNOWN;
    case TrackState::Recognised:
      return GST_FACE_VERDICT_RECOGNISED;
  }
  throw std::logic_error("unknown verdict");
}

static GstFaceReason to_meta(Reason reason) {
  switch (reason) {
    case Reason::None:
      return GST_FACE_REASON_NONE;
    case Reason::NoShot:
      return GST_FACE_REASON_NO_SHOT;
    case Reason::TooSmall:
      return GST_FACE_REASON_TOO_SMALL;
    case Reason::Blurred:
      return GST_FACE_REASON_BLURRED;
    case Reason::TurnedAway:
      return GST_FACE_REASON_TURNED_AWAY;
    case Reason::Dark:
      return GST_FACE_REASON_DARK;
    case Reason::Cut:
      return GST_FACE_REASON_CUT;
    case Reason::FewShots:
      return GST_FACE_REASON_FEW_SHOTS;
    case Reason::BetweenTwo:
      return GST_FACE_REASON_BETWEEN_TWO;
    case Reason::NameTaken:
      return GST_FACE_REASON_NAME_TAKEN;
    case Reason::Searching:
      return GST_FACE_REASON_SEARCHING;
  }
  throw std::logic_error("unknown reason");
}

void set_identity(GstFaceMeta* meta, const TrackVerdict& verdict) {
  const std::vector<Candidate>& nearest = verdict.nearest;
  GstFaceIdentityBuilder* builder = gst_face_identity_builder_new();
  if (!nearest.empty()) {
    gst_face_identity_builder_set_person(builder, nearest[0].name.c_str(), nearest[0].person_id);
    gst_face_identity_builder_set_distance(builder, to_meta(verdict.metric), nearest[0].distance);
  }
  gst_face_identity_builder_set_decision(builder, verdict.threshold, verdict.accepted);
  gst_face_identity_builder_set_false_accept_rate(builder, verdict.false_accept_rate);
  gst_face_identity_builder_set_false_name_rate(builder, verdict.false_name_rate);
  if (nearest.size() > 1) {
    gst_face_identity_builder_set_runner_up(builder, nearest[1].name.c_str(), nearest[1].distance);
  }
  gst_face_identity_builder_set_verdict(builder, to_meta(verdict.state), to_meta(verdict.reason),
                                        static_cast<guint>(verdict.shots));
  if (!verdict.label.empty()) {
    gst_face_identity_builder_set_label(builder, verdict.label.c_str());
  }
  const std::unique_ptr<GstFaceIdentity, decltype(&gst_face_identity_unref)> identity(
      gst_face_identity_builder_end(builder), gst_face_identity_unref);
  gst_face_meta_set_identity(meta, identity.get());
}

}  // namespace facerec
