// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#include <string>

namespace facerec {

/// What a stream's tags say of the way up in which it is to be shown. Of the streaming thread.
class OrientationTags {
 public:
  /// Looks at an event that the element gets: tags of the stream or of all streams, and a stream's
  /// beginning, which forgets those of the one before.
  void take(GstEvent* event);

  /// Posts one warning for each tag that asks for a turn which nothing upstream makes. Call before
  /// a frame is looked at.
  void warn_where_unturned(GstElement* element);

 private:
  std::string of_stream_;
  std::string of_all_;
  std::string looked_at_;
};

}  // namespace facerec
