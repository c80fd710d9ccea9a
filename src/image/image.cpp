// SPDX-License-Identifier: LGPL-2.1-or-later

#include "image.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <string_view>

#include "../error.h"
#include "jpeg.h"
#include "orientation.h"

namespace facerec {
namespace {

/// OpenCV tells a picture's size to nobody before it has made room for it, so this stands where it
/// asks for room, and refuses too much of it to the threads that decode an image.
class Limit : public cv::MatAllocator {
 public:
  /// The name of the image that this thread decodes; null where it decodes none.
  static thread_local const std::string* name;

  static void install() {
    static const Limit* const limit = [] {
      auto* made = new Limit(cv::Mat::getDefaultAllocator());
      cv::Mat::setDefaultAllocator(made);
      return made;
    }();
    static_cast<void>(limit);
  }

  cv::UMatData* allocate(int dims, const int* sizes, int type, void* data, std::size_t* step,
                         cv::AccessFlag flags, cv::UMatUsageFlags usage) const override {
    if (name && dims == 2) require_moderate({sizes[1], sizes[0]}, *name);
    return actual_->allocate(dims, sizes, type, data, step, flags, usage);
  }
  bool allocate(cv::UMatData* data, cv::AccessFlag flags, cv::UMatUsageFlags usage) const override {
    return actual_->allocate(data, flags, usage);
  }
  void deallocate(cv::UMatData* data) const override { actual_->deallocate(data); }

 private:
  explicit Limit(cv::MatAllocator* actual) : actual_(actual) {}

  cv::MatAllocator* actual_;
};

thread_local const std::string* Limit::name = nullptr;

/// Whether it begins as photos do. OpenCV would try all that its libraries read, and some of these,
/// as that for DICOM, end the program over a damaged file.
bool is_photo(const std::vector<std::uint8_t>& file) {
  const std::string_view begin(reinterpret_cast<const char*>(file.data()),
                               std::min<std::size_t>(file.size(), 132));
  const auto has = [&](std::string_view text, std::size_t at = 0) {
    return begin.size() > at && begin.substr(at, text.size()) == text;
  };
  const bool png = has("\x89PNG\r\n\x1a\n");
  const bool webp = has("RIFF") && has("WEBP", 8);
  const bool tiff = has({"II*\0", 4}) || has({"MM\0*", 4});
  const bool avif = has("ftypavif", 4);
  const bool pnm = begin.size() > 2 && begin[0] == 'P' && begin[1] >= '1' && begin[1] <= '6';
  if (has("DICM", 128)) return false;  // also behind a begin that no other reader takes to
  return png || webp || tiff || avif || pnm || has("BM");
}

/// Empty where it cannot.
cv::Mat decode_by_opencv(const std::vector<std::uint8_t>& file, const std::string& name,
                         int flags) {
  struct Guard {
    explicit Guard(const std::string& name) { Limit::name = &name; }
    ~Guard() { Limit::name = nullptr; }
  };
  Limit::install();
  const Guard guard(name);
  try {
    if (is_photo(file)) return cv::imdecode(file, flags);
  } catch (const cv::Exception&) {
    // More than it can take; reported as what it cannot decode.
  }
  return {};
}

}  // namespace

void require_moderate(cv::Size size, const std::string& name) {
  if (static_cast<double>(size.width) * size.height <= most_pixels) return;
  throw Error(ErrorCode::Read, name + " has " + std::to_string(size.width) + 'x' +
                                   std::to_string(size.height) + " pixels, more than " +
                                   std::to_string(std::lround(most_pixels / 1e6)) +
                                   " million: make it smaller");
}

cv::Mat decode_image(const std::vector<std::uint8_t>& file, const std::string& name) {
  if (is_jpeg(file)) {
    const Jpeg jpeg = decode_jpeg(file, name);
    return turned(jpeg.picture, jpeg.orientation);
  }
  // What stored_orientation does not know OpenCV turns: TIFF, and AVIF where it reads that.
  const auto orientation = stored_orientation(file.data(), file.size());
  const cv::Mat picture = decode_by_opencv(
      file, name, cv::IMREAD_COLOR | (orientation ? cv::IMREAD_IGNORE_ORIENTATION : 0));
  if (picture.empty()) {
    throw Error(ErrorCode::Read, name +
                                     " cannot be read; check that it is a whole JPEG, PNG, WebP, "
                                     "BMP or TIFF file that you may read");
  }
  return turned(picture, orientation.value_or(1));
}

}  // namespace facerec
