// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#include <exception>
#include <stdexcept>
#include <string>

namespace facerec {

/// A line of the source.
struct Place {
  const char* file;
  const char* function;
  int line;

  /// Where this is called; as a default argument of a constructor, what constructs.
  static constexpr Place here(const char* file = __builtin_FILE(),
                              const char* function = __builtin_FUNCTION(),
                              int line = __builtin_LINE()) {
    return {file, function, line};
  }
};

/// A frame that does not fit its caps.
class FormatError : public std::runtime_error {
 public:
  explicit FormatError(const std::string& message, const Place& place = Place::here())
      : std::runtime_error(message), place_(place) {}

  const Place& place() const { return place_; }

 private:
  Place place_;
};

/// Posts what was thrown as one error or warning message of the element, with the GStreamer domain
/// and code that fit it. Its debug text says where that was thrown (`caught` where that is not
/// known), what the element was doing, such as "starting", and which of its properties are set.
/// Call without the object lock.
void post_exception(GstElement* element, GstMessageType type, const std::exception_ptr& thrown,
                    const char* doing, const Place& caught = Place::here());

}  // namespace facerec
