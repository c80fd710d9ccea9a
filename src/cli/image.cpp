#include "image.h"

#include <filesystem>
#include <opencv2/imgcodecs.hpp>

#include "../error.h"

namespace facerec::cli {

cv::Mat read_image(const std::string& file) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    throw Error(ErrorCode::NotFound, "image '" + file + "' does not exist; correct its name");
  }
  if (std::filesystem::is_directory(file, ignored)) {
    throw Error(ErrorCode::Read, "'" + file + "' is a folder; name the images in it");
  }
  cv::Mat image;
  try {
    image = cv::imread(file, cv::IMREAD_COLOR);
  } catch (const cv::Exception&) {
    // Too large for OpenCV; it is reported as what it cannot decode.
  }
  if (image.empty()) {
    throw Error(ErrorCode::Read, "image '" + file +
                                     "' cannot be read; check that it is a whole JPEG, PNG, WebP, "
                                     "BMP or TIFF file that you may read");
  }
  return image;
}

}  // namespace facerec::cli
