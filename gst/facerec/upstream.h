// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#include <functional>

namespace facerec {

enum class Search { GoesOn, Ends, Found };

/// Looks at the elements that feed one, the nearest first, also into and out of bins, until one is
/// found or a branch's search ends. Whether one was found.
bool search_upstream(GstElement* element, const std::function<Search(GstElement*)>& look);

}  // namespace facerec
