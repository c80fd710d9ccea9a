// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

namespace facerec {

/// Who is asked, and how.
struct HttpOptions {
  std::string gallery;  ///< what messages call it
  std::string base;     ///< "https://host:port"
  std::string user;     ///< without one, or without a password, ~/.netrc is asked
  std::string password;
  std::string authorization;  ///< the header's value, goes before user and password
  std::string ca_file;        ///< of certificates to trust; empty = those of the system
  /// Once true, every request throws Error (Busy). May be null, outlives the object.
  const std::atomic<bool>* stop = nullptr;
};

struct HttpRequest {
  const char* method;
  std::string path;  ///< with the query, escaped
  std::string body = {};
  const char* type = "application/json";
  std::chrono::milliseconds patience;  ///< for all of the answer
};

struct HttpAnswer {
  int status = 0;
  std::string body;
};

/// A connection to one server that is kept for the next request. Certificates are verified,
/// redirects are not followed. Not for two threads at once.
class Http {
 public:
  explicit Http(HttpOptions options);
  ~Http();
  Http(const Http&) = delete;
  Http& operator=(const Http&) = delete;

  /// Throws Error: Busy where no whole answer comes in time, Read where the certificate is not
  /// trusted or the answer is larger than 256 MiB, Settings where the file of certificates cannot
  /// be read.
  HttpAnswer send(const HttpRequest& request);

 private:
  struct Handle;

  const HttpOptions options_;
  const std::unique_ptr<Handle> handle_;
};

}  // namespace facerec
