// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace facerec {

/// Text as UTF-8 for messages and logs: what is none (file names may hold any bytes) and control
/// characters other than line feed and tabulator become U+FFFD each, so that every reader takes it
/// and no terminal obeys it.
std::string presentable(const std::string& text);

}  // namespace facerec
