// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace facerec {

/// A name as it is kept and shown: composed (Unicode's form C), without the spaces around it and
/// without letters that do not show (zero width, direction marks, soft hyphens); joiners and
/// variation selectors stay in the scripts and symbols that take them. Throws Error (Settings)
/// where nothing is left of it or it is not one line of UTF-8.
std::string shown_name(const std::string& name);

/// Equal for names that read alike and so are one person's: form KC without anything that does not
/// show, each run of spaces being one. Takes what shown_name() takes.
std::string name_key(const std::string& name);

/// The name under which a gallery keeps faces that are nobody's: of strangers who are let alone, or
/// whom people are mistaken for.
constexpr const char* not_a_match = "not a match";
bool is_not_a_match(const std::string& name);

/// Whether it is one line of UTF-8 text and not empty.
bool is_name(const std::string& text);

}  // namespace facerec
