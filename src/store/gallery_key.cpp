// SPDX-License-Identifier: LGPL-2.1-or-later

#include "gallery_key.h"

#include <openssl/crypto.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <fstream>

#include "../error.h"
#include "../readable_file.h"
#include "sqlite_library.h"

namespace facerec {

namespace {

constexpr std::size_t longest_passphrase = 1000;
constexpr std::size_t key_digits = 64;
constexpr const char* remedy =
    "name the gallery's key file; `openssl rand -hex 32` writes a key for a new one";

void wipe(std::string& text) {
  OPENSSL_cleanse(text.data(), text.capacity());
}

[[noreturn]] void refuse(const std::filesystem::path& file, const char* why) {
  throw Error(ErrorCode::Settings, "key file '" + file.string() + "' " + why + "; " + remedy);
}

}  // namespace

GalleryKey::GalleryKey(const std::filesystem::path& file) {
  if (!can_encrypt()) {
    throw Error(ErrorCode::Settings,
                "key file '" + file.string() +
                    "' cannot be used because this build has no encryption; build it where "
                    "libsqlcipher-dev 4.4 or newer is, as on Debian 13, or name no key file");
  }
  require_readable(file, remedy);
  // No buffer that would stay in memory.
  std::ifstream stream;
  stream.rdbuf()->pubsetbuf(nullptr, 0);
  stream.open(file, std::ios::binary);
  value_.resize(longest_passphrase + 3);  // a line break, and one too many
  stream.read(value_.data(), static_cast<std::streamsize>(value_.size()));
  value_.resize(stream.gcount());
  if (!value_.empty() && value_.back() == '\n') value_.pop_back();
  if (!value_.empty() && value_.back() == '\r') value_.pop_back();
  if (value_.empty()) refuse(file, "is empty");
  if (value_.size() > longest_passphrase) {
    wipe(value_);
    refuse(file, "is longer than a passphrase of 1000 bytes");
  }
  const bool is_key =
      value_.size() == key_digits &&
      std::all_of(value_.begin(), value_.end(), [](unsigned char c) { return std::isxdigit(c); });
  if (is_key) value_.insert(0, "x'").append("'");
}

GalleryKey::~GalleryKey() {
  wipe(value_);
}

std::string key_file_caution(const std::filesystem::path& file) {
  struct stat status {};
  if (stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) == 0) return {};
  return "key file '" + file.string() + "' is open to others than its owner; chmod 600 it";
}

}  // namespace facerec
