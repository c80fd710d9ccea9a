// SPDX-License-Identifier: LGPL-2.1-or-later

#include "person_name.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <vector>

#include "../error.h"

namespace facerec {

namespace {

using Codepoints = std::vector<utf8proc_int32_t>;

/// Empty where it is no UTF-8.
Codepoints decode(const std::string& text) {
  Codepoints result;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    utf8proc_int32_t codepoint = 0;
    const utf8proc_ssize_t used = utf8proc_iterate(bytes, left, &codepoint);
    if (used <= 0) return {};
    result.push_back(codepoint);
    bytes += used;
    left -= used;
  }
  return result;
}

std::string encode(const Codepoints& codepoints) {
  std::string text;
  for (utf8proc_int32_t codepoint : codepoints) {
    utf8proc_uint8_t bytes[4];
    text.append(reinterpret_cast<char*>(bytes), utf8proc_encode_char(codepoint, bytes));
  }
  return text;
}

std::string normalise(const std::string& text, int options) {
  utf8proc_uint8_t* result = nullptr;
  const auto size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                   static_cast<utf8proc_ssize_t>(text.size()), &result,
                   static_cast<utf8proc_option_t>(options | UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(result, &std::free);
  if (size < 0) return {};
  return {reinterpret_cast<char*>(result), static_cast<std::size_t>(size)};
}

bool is_space(utf8proc_int32_t codepoint) {
  constexpr utf8proc_int32_t blank_braille = 0x2800;
  return utf8proc_category(codepoint) == UTF8PROC_CATEGORY_ZS || codepoint == blank_braille;
}

bool breaks_line(utf8proc_int32_t codepoint) {
  switch (utf8proc_category(codepoint)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return true;
    default:
      return false;
  }
}

bool is_invisible(utf8proc_int32_t codepoint) {
  const bool annotation_mark = codepoint >= 0xfff9 && codepoint <= 0xfffb;
  return utf8proc_get_property(codepoint)->ignorable || annotation_mark;
}

bool is_variation_selector(utf8proc_int32_t codepoint) {
  return (codepoint >= 0xfe00 && codepoint <= 0xfe0f) ||
         (codepoint >= 0xe0100 && codepoint <= 0xe01ef);
}

/// Joiners and variation selectors change how letters beyond Greek and Cyrillic are drawn.
bool takes_joiners(utf8proc_int32_t codepoint) {
  return codepoint >= 0x0600 && !is_invisible(codepoint) && !is_space(codepoint);
}

/// Whether the invisible letter at `i` changes how its neighbours look.
bool shapes_neighbours(const Codepoints& name, std::size_t i) {
  constexpr utf8proc_int32_t non_joiner = 0x200c, joiner = 0x200d;
  const auto takes = [&](std::size_t at) { return at < name.size() && takes_joiners(name[at]); };
  const bool joins = name[i] == non_joiner || name[i] == joiner;
  const bool after_selector = i > 1 && is_variation_selector(name[i - 1]) && takes(i - 2);
  if (joins) return i > 0 && (takes(i - 1) || after_selector) && takes(i + 1);
  return is_variation_selector(name[i]) && i > 0 && takes(i - 1);
}

[[noreturn]] void refuse() {
  throw Error(ErrorCode::Settings,
              "a person's name must be one line of UTF-8 text and not empty; give another --name");
}

}  // namespace

std::string shown_name(const std::string& name) {
  Codepoints letters = decode(name);
  const auto shows = [](utf8proc_int32_t c) {
    return !is_space(c) && !breaks_line(c) && !is_invisible(c);
  };
  const auto first = std::find_if(letters.begin(), letters.end(), shows);
  if (first == letters.end()) refuse();
  // Up to the last letter that shows and what shapes it.
  auto last = std::find_if(letters.rbegin(), letters.rend(), shows).base();
  while (last != letters.end() && is_variation_selector(*last)) ++last;
  letters = Codepoints(first, last);
  if (std::any_of(letters.begin(), letters.end(), breaks_line)) refuse();

  Codepoints kept;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    if (!is_invisible(letters[i]) || shapes_neighbours(letters, i)) kept.push_back(letters[i]);
  }
  return normalise(encode(kept), 0);
}

std::string name_key(const std::string& name) {
  const Codepoints letters = decode(normalise(shown_name(name), UTF8PROC_COMPAT | UTF8PROC_IGNORE));
  Codepoints kept;
  for (utf8proc_int32_t letter : letters) {
    if (is_invisible(letter)) continue;
    if (!is_space(letter)) {
      kept.push_back(letter);
    } else if (!kept.empty() && kept.back() != ' ') {
      kept.push_back(' ');
    }
  }
  while (!kept.empty() && kept.back() == ' ') kept.pop_back();
  if (kept.empty()) refuse();
  return encode(kept);
}

bool is_not_a_match(const std::string& name) {
  return name == not_a_match;
}

bool is_name(const std::string& text) {
  const Codepoints letters = decode(text);
  return !letters.empty() && std::none_of(letters.begin(), letters.end(), breaks_line);
}

}  // namespace facerec
