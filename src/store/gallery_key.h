// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <filesystem>
#include <string>

namespace facerec {

/// The key of an encrypted gallery. Overwritten in memory in the end; no message ever names it.
class GalleryKey {
 public:
  /// Of a file with 64 hexadecimal digits, which are the key itself, or with a passphrase of up to
  /// 1000 bytes; the line break at the end does not count. Throws Error (NotFound, Read, Settings)
  /// that names the file and the remedy, also where the build has no encryption.
  explicit GalleryKey(const std::filesystem::path& file);
  ~GalleryKey();
  GalleryKey(const GalleryKey&) = delete;
  GalleryKey& operator=(const GalleryKey&) = delete;

  /// As SQLCipher takes it.
  const std::string& value() const { return value_; }

 private:
  std::string value_;
};

/// For the user, where others than the owner may read or change the file; empty where not, or where
/// there is none.
std::string key_file_caution(const std::filesystem::path& file);

}  // namespace facerec
