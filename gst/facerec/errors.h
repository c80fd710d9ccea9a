// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#include <exception>
#include <stdexcept>

namespace facerec {

/// A frame that does not fit its caps.
class FormatError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Posts what was thrown as one error or warning message of the element, with the GStreamer domain
/// and code that fit it. Call without the object lock.
void post_exception(GstElement* element, GstMessageType type, const std::exception_ptr& thrown);

}  // namespace facerec
