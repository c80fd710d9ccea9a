// SPDX-License-Identifier: LGPL-2.1-or-later

#include "index_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "../error.h"
#include "../model/digest.h"
#include "../store/gallery_name.h"

namespace facerec {

namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

constexpr int format = 1;

/// The first line of a file: what it is of. The links follow.
Json header_of(const std::string& kind, const Matcher& matcher) {
  return {{"facerec-index", format},
          {"kind", kind},
          {"metric", to_string(matcher.metric())},
          {"model", matcher.model().fingerprint}};
}

fs::path cache_folder() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  const fs::path user = cache && *cache ? fs::path(cache) : fs::path(home ? home : "/") / ".cache";
  return user / "gst-facerec";
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(written);
  }
  return true;
}

/// A file that only the user may read; on the disk with that content once this returns without an
/// error.
std::error_code write_file(const fs::path& file, std::string_view begin, std::string_view rest) {
  const auto last_error = [] { return std::error_code(errno, std::generic_category()); };
  const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return last_error();
  const bool written = write_all(fd, begin) && write_all(fd, rest) && fsync(fd) == 0;
  const std::error_code failure = written ? std::error_code() : last_error();
  close(fd);
  if (failure) unlink(file.c_str());
  return failure;
}

std::string read_file(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(stream), {});
  if (!stream) throw Error(ErrorCode::NotFound, "there is no index '" + file.string() + "'");
  return bytes;
}

[[noreturn]] void refuse(const fs::path& file, const std::string& why) {
  throw Error(ErrorCode::Read, "index '" + file.string() + "' is not used: " + why);
}

}  // namespace

fs::path index_file(const std::string& gallery, const std::string& kind, Metric metric) {
  const std::string ending = "." + to_string(metric) + "." + kind;
  if (is_encrypted(gallery)) {
    throw Error(ErrorCode::NotFound,
                "no index is kept of the encrypted gallery '" + without_password(gallery) + "'");
  }
  if (server_scheme(gallery).empty()) return gallery + ending;
  return cache_folder() / (sha256(without_password(gallery)) + ending);
}

void save_index(const fs::path& file, const std::string& kind, const Matcher& matcher,
                const std::string& links) {
  Json header = header_of(kind, matcher);
  header["sequence"] = matcher.position().sequence;
  header["mark"] = matcher.position().mark;
  header["sha256"] = sha256(links);
  const fs::path partial = file.string() + ".partial";
  std::error_code failure;
  if (file.parent_path() == cache_folder()) fs::create_directories(cache_folder(), failure);
  failure = write_file(partial, header.dump() + '\n', links);
  if (!failure) {
    fs::rename(partial, file, failure);
    if (failure) unlink(partial.c_str());
  }
  if (!failure) return;
  throw Error(ErrorCode::Write,
              "index '" + file.string() + "' cannot be saved: " + failure.message());
}

std::string read_index(const fs::path& file, const std::string& kind, const Matcher& matcher,
                       const Gallery& gallery) {
  const std::string bytes = read_file(file);
  const auto end = bytes.find('\n');
  const Json header =
      end == std::string::npos
          ? Json()
          : Json::parse(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(end), nullptr,
                        false);
  const auto number = [&](const char* field) {
    const auto found = header.find(field);
    return found != header.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
  };
  if (!header.is_object()) refuse(file, "it is damaged");
  const Json expected = header_of(kind, matcher);
  for (const auto& [field, value] : expected.items()) {
    if (header.value(field, Json()) != value) refuse(file, "its " + field + " is another");
  }
  if (!gallery.changed_since({number("sequence"), number("mark")})) {
    refuse(file, "it is of another gallery, or older than the gallery's log");
  }
  std::string links = bytes.substr(end + 1);
  if (header.value("sha256", Json()) != sha256(links)) refuse(file, "it is damaged");
  return links;
}

}  // namespace facerec
