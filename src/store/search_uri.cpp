// SPDX-License-Identifier: LGPL-2.1-or-later

#include "search_uri.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <memory>

#include "../error.h"
#include "gallery_name.h"

namespace facerec {

namespace {

constexpr std::size_t longest_index = 200;  ///< bytes; servers take 255
constexpr int most_shards = 1024;
constexpr int most_replicas = 64;

class Reader {
 public:
  explicit Reader(const std::string& uri) : uri_(uri), url_(curl_url(), curl_url_cleanup) {
    if (!url_) throw std::bad_alloc();
  }

  SearchUri read() {
    const std::string scheme = server_scheme(uri_);
    SearchUri result;
    result.elasticsearch = scheme.rfind("elasticsearch", 0) == 0;
    const std::string protocol = scheme.substr(scheme.find('+') + 1);
    const std::string url = protocol + uri_.substr(scheme.size());
    if (curl_url_set(url_.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
      refuse("write " + scheme + "://HOST:PORT/INDEX, with %40 for an @ in a password");
    }
    const std::string port = part(CURLUPART_PORT);
    result.base = protocol + "://" + part(CURLUPART_HOST) + ":" + (port.empty() ? "9200" : port);
    result.user = part(CURLUPART_USER, CURLU_URLDECODE);
    result.password = part(CURLUPART_PASSWORD, CURLU_URLDECODE);
    if (!part(CURLUPART_FRAGMENT).empty()) refuse("a fragment means nothing here");
    result.index = index(part(CURLUPART_PATH));
    read_query(part(CURLUPART_QUERY), result);
    return result;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(ErrorCode::Settings, "'" + without_password(uri_) + "' names no gallery: " + why);
  }

  std::string part(CURLUPart which, unsigned int flags = 0) const {
    char* text = nullptr;
    const CURLUcode code = curl_url_get(url_.get(), which, &text, flags);
    const std::unique_ptr<char, decltype(&curl_free)> owner(text, curl_free);
    if (code == CURLUE_URLDECODE) refuse("after % stand two hexadecimal digits");
    return text ? text : "";
  }

  std::string index(const std::string& path) const {
    std::string name = path.substr(std::min<std::size_t>(path.size(), 1));
    const bool valid = !name.empty() && name.size() <= longest_index && name.front() != '_' &&
                       name.front() != '-' &&
                       std::all_of(name.begin(), name.end(), [](unsigned char c) {
                         return std::islower(c) || std::isdigit(c) || c == '_' || c == '-';
                       });
    if (!valid) {
      refuse(
          "after the host stands /INDEX, of lower-case letters, digits, _ and -, a letter or "
          "digit first");
    }
    return name;
  }

  void read_query(const std::string& query, SearchUri& result) const {
    for (std::size_t begin = 0; begin < query.size();) {
      const std::size_t end = std::min(query.find('&', begin), query.size());
      const std::string field = query.substr(begin, end - begin);
      begin = end + 1;
      const std::size_t equals = field.find('=');
      const std::string key = field.substr(0, equals);
      const std::string value =
          equals == std::string::npos ? "" : unescaped(field.substr(equals + 1));
      if (key == "shards") {
        result.shards = number(key, value, 1, most_shards);
      } else if (key == "replicas") {
        result.replicas = number(key, value, 0, most_replicas);
      } else if (key == "ca" && !value.empty()) {
        result.ca_file = value;
      } else {
        refuse("after ? may stand shards=N, replicas=N and ca=FILE, not '" + field + "'");
      }
    }
  }

  std::string unescaped(const std::string& text) const {
    int length = 0;
    const std::unique_ptr<char, decltype(&curl_free)> plain(
        curl_easy_unescape(nullptr, text.c_str(), static_cast<int>(text.size()), &length),
        curl_free);
    if (!plain) throw std::bad_alloc();
    return {plain.get(), static_cast<std::size_t>(length)};
  }

  int number(const std::string& key, const std::string& value, int least, int most) const {
    int result = 0;
    const char* end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, result);
    if (error != std::errc() || stop != end || result < least || result > most) {
      refuse(key + " is a number from " + std::to_string(least) + " to " + std::to_string(most) +
             ", not '" + value + "'");
    }
    return result;
  }

  const std::string& uri_;
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url_;
};

}  // namespace

SearchUri parse_search_uri(const std::string& uri) {
  return Reader(uri).read();
}

}  // namespace facerec
