// SPDX-License-Identifier: LGPL-2.1-or-later

#include "http.h"

#include <curl/curl.h>

#include <algorithm>
#include <utility>

#include "../error.h"

namespace facerec {

namespace {

constexpr std::size_t most_bytes = 256u << 20;  ///< of an answer
constexpr std::chrono::milliseconds connect_patience = std::chrono::seconds(5);

void initialize() {
  static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (result != CURLE_OK) throw Error(ErrorCode::Settings, "libcurl cannot be used here");
}

std::size_t append(const char* bytes, std::size_t size, std::size_t count, void* body) {
  auto& text = *static_cast<std::string*>(body);
  if (text.size() + size * count > most_bytes) return 0;
  text.append(bytes, size * count);
  return size * count;
}

int is_stopped(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(stop)->load() ? 1 : 0;
}

class Headers {
 public:
  ~Headers() { curl_slist_free_all(list_); }
  Headers() = default;
  Headers(const Headers&) = delete;
  Headers& operator=(const Headers&) = delete;

  void add(const std::string& line) {
    curl_slist* longer = curl_slist_append(list_, line.c_str());
    if (!longer) throw std::bad_alloc();
    list_ = longer;
  }
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

[[noreturn]] void fail(const HttpOptions& options, CURLcode code, const char* detail) {
  const std::string what = "gallery '" + options.gallery + "': ";
  const std::string reason = *detail ? detail : curl_easy_strerror(code);
  switch (code) {
    case CURLE_ABORTED_BY_CALLBACK:
      throw Error(ErrorCode::Busy, what + "stopped before the server answered");
    case CURLE_OPERATION_TIMEDOUT:
      throw Error(ErrorCode::Busy,
                  what + "the server " + options.base +
                      " does not answer in time; try again, or check that it is well");
    case CURLE_PEER_FAILED_VERIFICATION:
      throw Error(ErrorCode::Read,
                  what + "the certificate of " + options.base + " is not trusted (" + reason +
                      "); add ?ca=FILE to the URI with the certificate of who issued it");
    case CURLE_SSL_CACERT_BADFILE:
      throw Error(ErrorCode::Settings, what + "the certificates of '" + options.ca_file +
                                           "' cannot be read; give a PEM file with ca=FILE");
    case CURLE_WRITE_ERROR:
      throw Error(ErrorCode::Read, what + "the answer of " + options.base +
                                       " has no end; correct the host and port");
    case CURLE_SSL_CONNECT_ERROR:
      throw Error(ErrorCode::Read, what + options.base + " does not speak TLS as expected (" +
                                       reason + "); correct the port, or use the scheme +http");
    default:
      throw Error(ErrorCode::Busy, what + "the server " + options.base + " cannot be reached (" +
                                       reason + "); start it, or correct the host and port");
  }
}

}  // namespace

struct Http::Handle {
  Handle() : easy(curl_easy_init()) {
    if (!easy) throw std::bad_alloc();
  }
  ~Handle() { curl_easy_cleanup(easy); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  CURL* easy;
  char detail[CURL_ERROR_SIZE] = "";
};

Http::Http(HttpOptions options)
    : options_((initialize(), std::move(options))), handle_(std::make_unique<Handle>()) {}

Http::~Http() = default;

HttpAnswer Http::send(const HttpRequest& request) {
  CURL* easy = handle_->easy;
  HttpAnswer answer;
  handle_->detail[0] = 0;
  if (options_.stop && *options_.stop) fail(options_, CURLE_ABORTED_BY_CALLBACK, "");
  Headers headers;
  headers.add(std::string("Content-Type: ") + request.type);
  headers.add("Expect:");
  if (!options_.authorization.empty()) headers.add("Authorization: " + options_.authorization);

  curl_easy_reset(easy);  // keeps the connection
  curl_easy_setopt(easy, CURLOPT_URL, (options_.base + request.path).c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, handle_->detail);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method);
  if (!request.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
  }
  if (options_.authorization.empty()) {
    curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_OPTIONAL));
    if (!options_.user.empty()) curl_easy_setopt(easy, CURLOPT_USERNAME, options_.user.c_str());
    if (!options_.password.empty()) {
      curl_easy_setopt(easy, CURLOPT_PASSWORD, options_.password.c_str());
    }
  }
  if (!options_.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(std::min(request.patience, connect_patience).count()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.patience.count()));
  if (options_.stop) {
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, is_stopped);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, const_cast<std::atomic<bool>*>(options_.stop));
  }
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &answer.body);

  const CURLcode code = curl_easy_perform(easy);
  if (code != CURLE_OK) fail(options_, code, handle_->detail);
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  return answer;
}

}  // namespace facerec
