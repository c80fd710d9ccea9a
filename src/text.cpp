// SPDX-License-Identifier: LGPL-2.1-or-later

#include "text.h"

#include <nlohmann/json.hpp>

namespace facerec {

std::string presentable(const std::string& text) {
  using Json = nlohmann::json;
  const std::string quoted = Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string result;
  for (const char character : Json::parse(quoted).get<std::string>()) {
    const auto byte = static_cast<unsigned char>(character);
    const bool control = (byte < 0x20 && character != '\n' && character != '\t') || byte == 0x7f;
    if (control) {
      result += "\xef\xbf\xbd";
    } else {
      result += character;
    }
  }
  return result;
}

}  // namespace facerec
