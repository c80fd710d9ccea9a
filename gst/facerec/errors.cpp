// SPDX-License-Identifier: LGPL-2.1-or-later

#include "errors.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <opencv2/core.hpp>
#include <typeinfo>

#include "error.h"
#include "text.h"

namespace facerec {

namespace {

struct Description {
  GQuark domain;
  int code;
  std::string text;
  std::string type;  ///< of the exception
  Place place;
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

std::string type_of(const std::exception& error) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(typeid(error).name(), nullptr, nullptr, &status), std::free);
  return name ? name.get() : typeid(error).name();
}

Description describe(const std::exception_ptr& thrown, const Place& caught) {
  try {
    std::rethrow_exception(thrown);
  } catch (const Error& error) {
    return {GST_RESOURCE_ERROR, resource_code(error.code()), error.what(), type_of(error), caught};
  } catch (const FormatError& error) {
    return {GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT, error.what(), type_of(error), error.place()};
  } catch (const cv::Exception& error) {
    return {GST_LIBRARY_ERROR,
            GST_LIBRARY_ERROR_FAILED,
            error.what(),
            type_of(error),
            {error.file.c_str(), error.func.c_str(), error.line}};
  } catch (const std::exception& error) {
    return {GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_FAILED, error.what(), type_of(error), caught};
  } catch (...) {
    return {GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_FAILED, "unknown exception",
            "what is no exception", caught};
  }
}

/// The element's own properties that differ from their defaults, as gst-launch-1.0 takes them.
std::string settings_of(GstElement* element) {
  constexpr int both = G_PARAM_READABLE | G_PARAM_WRITABLE;
  std::string text;
  guint count = 0;
  GParamSpec** specs = g_object_class_list_properties(G_OBJECT_GET_CLASS(element), &count);
  for (guint i = 0; i < count; ++i) {
    GParamSpec* spec = specs[i];
    if (spec->owner_type != G_OBJECT_TYPE(element) || (spec->flags & both) != both) continue;
    GValue value = G_VALUE_INIT;
    g_object_get_property(G_OBJECT(element), spec->name, g_value_init(&value, spec->value_type));
    const bool empty =
        G_VALUE_HOLDS_STRING(&value) && g_strcmp0(g_value_get_string(&value), "") == 0;
    if (!empty && g_param_value_defaults(spec, &value) == FALSE) {
      gchar* serialized = gst_value_serialize(&value);
      text += std::string(" ") + spec->name + "=" + serialized;
      g_free(serialized);
    }
    g_value_unset(&value);
  }
  g_free(specs);
  return text;
}

}  // namespace

void post_exception(GstElement* element, GstMessageType type, const std::exception_ptr& thrown,
                    const char* doing, const Place& caught) {
  const Description what = describe(thrown, caught);
  const std::string debug = what.type + " while " + doing + settings_of(element);
  gst_element_message_full(
      element, type, what.domain, what.code, g_strdup(presentable(what.text).c_str()),
      g_strdup(presentable(debug).c_str()), what.place.file, what.place.function, what.place.line);
}

}  // namespace facerec
