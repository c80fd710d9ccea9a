// SPDX-License-Identifier: LGPL-2.1-or-later

#include "networkproperties.h"

#include <array>

#include "gstfacerecfilter.h"

namespace facerec {

namespace {

enum Offset { kEngine, kThreads, kInputSize, kColour, kScale, kMean, kOutput, kMethod };

GType colour_order_type() {
  static const GType type = [] {
    static const std::array<GEnumValue, 3> values{{{FALSE, "Blue, green, red", "bgr"},
                                                   {TRUE, "Red, green, blue", "rgb"},
                                                   {0, nullptr, nullptr}}};
    const GType registered = g_enum_register_static("GstFacerecColourOrder", values.data());
    gst_type_mark_as_plugin_api(registered, static_cast<GstPluginAPIFlags>(0));
    return registered;
  }();
  return type;
}

}  // namespace

void install_network_properties(GObjectClass* klass, guint first_id, const char* default_method) {
  g_object_class_install_property(
      klass, first_id + kEngine,
      g_param_spec_string("engine", "Engine",
                          "What runs the network: opencv, which reads every kind of file; "
                          "onnxruntime, which is faster and runs ONNX files, where this plugin was "
                          "built with it; auto takes the faster one that can",
                          "auto", kReady));
  g_object_class_install_property(
      klass, first_id + kThreads,
      g_param_spec_int(
          "threads", "Threads",
          "Threads with which ONNX Runtime runs the network (0 = one a core); OpenCV's "
          "are set for the whole process, by cv::setNumThreads()",
          0, 256, 0, kReady));
  g_object_class_install_property(
      klass, first_id + kInputSize,
      g_param_spec_string("input-size", "Input size",
                          "Input of a network without a profile, as WIDTHxHEIGHT in pixels; the "
                          "properties colour, scale, mean and output count only with it "
                          "(unset = as the model's profile says)",
                          nullptr, kReady));
  g_object_class_install_property(
      klass, first_id + kColour,
      g_param_spec_enum("colour", "Colour order",
                        "Channel order of the input of a network without a profile",
                        colour_order_type(), FALSE, kReady));
  g_object_class_install_property(
      klass, first_id + kScale,
      g_param_spec_double("scale", "Scale",
                          "What pixel values (0..255) are multiplied with after the mean was "
                          "subtracted, for a network without a profile",
                          0, G_MAXDOUBLE, 1, kReady));
  g_object_class_install_property(
      klass, first_id + kMean,
      g_param_spec_string("mean", "Mean",
                          "What is subtracted from pixel values (0..255) first, three numbers "
                          "with commas between, in the input's colour order, for a network "
                          "without a profile",
                          "0,0,0", kReady));
  g_object_class_install_property(
      klass, first_id + kOutput,
      g_param_spec_string("output", "Output",
                          "Name of the output layer of a network without a profile (unset = its "
                          "only one)",
                          nullptr, kReady));
  if (default_method == nullptr) return;
  g_object_class_install_property(
      klass, first_id + kMethod,
      g_param_spec_string("method", "Method",
                          "How the outputs of a network without a profile are read", default_method,
                          kReady));
}

bool set_network_property(NetworkSettings& settings, guint first_id, guint id,
                          const GValue* value) {
  switch (static_cast<int>(id - first_id)) {
    case kEngine:
      settings.engine.name = string_of(value);
      return true;
    case kThreads:
      settings.engine.threads = g_value_get_int(value);
      return true;
    case kInputSize:
      settings.input_size = string_of(value);
      return true;
    case kColour:
      settings.rgb = g_value_get_enum(value) != FALSE;
      return true;
    case kScale:
      settings.scale = g_value_get_double(value);
      return true;
    case kMean:
      settings.mean = string_of(value);
      return true;
    case kOutput:
      settings.output = string_of(value);
      return true;
    case kMethod:
      settings.method = string_of(value);
      return true;
    default:
      return false;
  }
}

bool get_network_property(const NetworkSettings& settings, guint first_id, guint id,
                          GValue* value) {
  switch (static_cast<int>(id - first_id)) {
    case kEngine:
      g_value_set_string(value, settings.engine.name.c_str());
      return true;
    case kThreads:
      g_value_set_int(value, settings.engine.threads);
      return true;
    case kInputSize:
      g_value_set_string(value, settings.input_size.c_str());
      return true;
    case kColour:
      g_value_set_enum(value, settings.rgb ? TRUE : FALSE);
      return true;
    case kScale:
      g_value_set_double(value, settings.scale);
      return true;
    case kMean:
      g_value_set_string(value, settings.mean.c_str());
      return true;
    case kOutput:
      g_value_set_string(value, settings.output.c_str());
      return true;
    case kMethod:
      g_value_set_string(value, settings.method.c_str());
      return true;
    default:
      return false;
  }
}

}  // namespace facerec
