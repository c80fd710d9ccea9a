// SPDX-License-Identifier: LGPL-2.1-or-later

#include "statstext.h"

#include <opencv2/core.hpp>

namespace facerec {
namespace {

const GstStructure* part_of(const GstStructure* stats, const char* name) {
  const GValue* value = gst_structure_get_value(stats, name);
  return value != nullptr && GST_VALUE_HOLDS_STRUCTURE(value) ? gst_value_get_structure(value)
                                                              : nullptr;
}

guint64 count_of(const GstStructure* stats, const char* element, const char* name) {
  const GstStructure* part = part_of(stats, element);
  guint64 count = 0;
  if (part != nullptr) gst_structure_get_uint64(part, name, &count);
  return count;
}

std::optional<double> median_of(const GstStructure* stats, const char* element, const char* name) {
  const GstStructure* part = part_of(stats, element);
  double median = 0;
  if (part == nullptr || gst_structure_get_double(part, name, &median) == FALSE)
    return std::nullopt;
  return median;
}

}  // namespace

bool StatsText::is_due(gint64 now) {
  if (begun_ == 0) {
    begun_ = now;
    return false;
  }
  ++frames_;
  return now - begun_ >= G_USEC_PER_SEC;
}

std::string StatsText::tell(const GstStructure* stats, gint64 now) {
  const double seconds = static_cast<double>(now - begun_) / G_USEC_PER_SEC;
  std::string text = cv::format("%.1f frames/s", static_cast<double>(frames_) / seconds);
  const guint64 analysed = count_of(stats, "detect", "analysed");
  text += cv::format(", %.1f analysed",
                     static_cast<double>(analysed - analysed_.value_or(0)) / seconds);
  if (const auto age = median_of(stats, "attach", "age-ms-median"))
    text += cv::format("\nresults %.0f ms old", *age);
  for (const char* element : {"detect", "track", "align", "embed", "match", "annotate"}) {
    if (const auto time = median_of(stats, element, "ms-median"))
      text += cv::format("\n%s %.1f ms", element, *time);
  }
  begun_ = now;
  frames_ = 0;
  analysed_ = analysed;
  return text;
}

}  // namespace facerec
