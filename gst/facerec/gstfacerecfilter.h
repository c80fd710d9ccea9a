// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/base/gstbasetransform.h>
#include <gst/video/video.h>

#include <string>

#include "stats.h"

G_BEGIN_DECLS

#define GST_TYPE_FACEREC_FILTER (gst_facerec_filter_get_type())
G_DECLARE_DERIVABLE_TYPE(GstFacerecFilter, gst_facerec_filter, GST, FACEREC_FILTER,
                         GstBaseTransform)

/// A frame and when it is. Times are in nanoseconds, GST_CLOCK_TIME_NONE where the stream does not
/// count in time or the buffer has no timestamp.
struct GstFacerecFrame {
  GstBuffer* buffer;         ///< its metadata is writable while no MappedFrame of it lives
  const GstVideoInfo* info;  ///< of its caps; not filled where the element takes any caps
  GstClockTime stream_time;
  GstClockTime running_time;
  double seconds;  ///< the stream time; where that does not tell, goes on by the frames' interval
  bool discont;    ///< whether frames may be missing before it
};

/// Base of all elements that look at video frames and write what they find into the faces'
/// metadata.
///
/// The elements work in place on metadata that they may write, whether the pixels are shared or
/// not. GAP buffers without a picture pass without a look. Every function below may throw: the base
/// posts one error. LATENCY queries are answered with the longest time that a frame took in the
/// last seconds.
struct _GstFacerecFilterClass {
  GstBaseTransformClass parent_class;

  /// Loads what the settings name, when the element starts.
  void (*load)(GstFacerecFilter* filter);

  /// Frees what load made, also after it threw.
  void (*unload)(GstFacerecFilter* filter);

  /// Forgets earlier frames: when the element starts, after a flush, with another stream, direction
  /// or caps, and where time jumps by more than a second at a discontinuity or with a new segment
  /// (a live source that has lost some frames goes on). May be null.
  void (*reset)(GstFacerecFilter* filter);

  /// Sees each event from upstream before it goes on. May be null.
  void (*event)(GstFacerecFilter* filter, GstEvent* event);

  /// Looks at one frame.
  void (*process)(GstFacerecFilter* filter, const GstFacerecFrame& frame);

  /// Whether the element works on faces that one before it has found, and so warns once where
  /// another plugin's detector stands there or the faces were lost on the way. TRUE unless set.
  gboolean reads_faces;
};

/// Whether the frame comes too late already for the sink that shows it; a network's time is better
/// spent on those after it.
gboolean gst_facerec_filter_is_late(GstFacerecFilter* filter, const GstFacerecFrame* frame);

/// Adds a sink and a source pad template of these caps to an element class.
void gst_facerec_filter_class_add_templates(GstElementClass* klass, const char* caps);

G_END_DECLS

namespace facerec {

/// Flags of properties: one that counts from the element's next start on, one that counts from the
/// next frame on, and one that tells something.
constexpr auto kReady =
    static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
constexpr auto kPlaying = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                   GST_PARAM_MUTABLE_PLAYING);
constexpr auto kReadOnly = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

/// Holds an element's object lock, which guards its settings, while it lives. Nothing is posted,
/// emitted or notified meanwhile.
class ObjectLock {
 public:
  explicit ObjectLock(gpointer object) : object_(GST_OBJECT_CAST(object)) {
    GST_OBJECT_LOCK(object_);
  }
  ~ObjectLock() { GST_OBJECT_UNLOCK(object_); }
  ObjectLock(const ObjectLock&) = delete;
  ObjectLock& operator=(const ObjectLock&) = delete;

 private:
  GstObject* object_;
};

/// Seconds as nanoseconds; those before 0 as 0.
GstClockTime to_clock_time(double seconds);

/// The string of a property's value; empty for NULL.
std::string string_of(const GValue* value);

/// What the element tells in its property "stats".
Stats& stats_of(GstFacerecFilter* filter);

}  // namespace facerec
