// SPDX-License-Identifier: LGPL-2.1-or-later

#include "errors.h"

#include <string>

#include "error.h"
#include "text.h"

namespace facerec {

namespace {

struct Description {
  GQuark domain;
  int code;
  std::string text;
};

int resource_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::NotFound:
      return GST_RESOURCE_ERROR_NOT_FOUND;
    case ErrorCode::Read:
      return GST_RESOURCE_ERROR_OPEN_READ;
    case ErrorCode::Write:
      return GST_RESOURCE_ERROR_OPEN_WRITE;
    case ErrorCode::Busy:
      return GST_RESOURCE_ERROR_BUSY;
    case ErrorCode::Settings:
    case ErrorCode::Mismatch:
      return GST_RESOURCE_ERROR_SETTINGS;
  }
  return GST_RESOURCE_ERROR_FAILED;
}

Description describe(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const Error& error) {
    return {GST_RESOURCE_ERROR, resource_code(error.code()), error.what()};
  } catch (const FormatError& error) {
    return {GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT, error.what()};
  } catch (const std::exception& error) {
    return {GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_FAILED, error.what()};
  } catch (...) {
    return {GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_FAILED, "unknown exception"};
  }
}

}  // namespace

void post_exception(GstElement* element, GstMessageType type, const std::exception_ptr& thrown) {
  const Description what = describe(thrown);
  gst_element_message_full(element, type, what.domain, what.code,
                           g_strdup(presentable(what.text).c_str()), nullptr, __FILE__,
                           GST_FUNCTION, __LINE__);
}

}  // namespace facerec
