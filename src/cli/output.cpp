// SPDX-License-Identifier: LGPL-2.1-or-later

#include "output.h"

#include <unistd.h>

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <sstream>

namespace facerec::cli {

namespace {

/// Characters of UTF-8 text; each is taken to fill one column.
std::size_t width(const std::string& text) {
  return std::count_if(text.begin(), text.end(),
                       [](unsigned char byte) { return (byte & 0xc0) != 0x80; });
}

}  // namespace

std::string text_of(const Json& document) {
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

void print(const Json& document) {
  std::cout << text_of(document);
}

void print_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - width(row[i]) + 2, ' ');
    }
    std::cout << line << '\n';
  }
}

std::string format(double value) {
  std::ostringstream stream;
  stream << std::fixed << std::setprecision(4) << value;
  return stream.str();
}

std::string number(double value) {
  std::ostringstream stream;
  stream.precision(4);
  stream << value;
  return stream.str();
}

std::string describe_lack(const ShotLack& lack) {
  const std::string value = number(lack.value), limit = number(lack.limit);
  if (lack.reason == Reason::TurnedAway) {
    return "turned by " + value + " degrees, at most " + limit;
  }
  const char* what = lack.reason == Reason::TooSmall ? "pixels between the eyes "
                     : lack.reason == Reason::Dark   ? "brightness "
                                                     : "sharpness ";
  return what + value + ", at least " + limit;
}

Json to_json(const RecognizedFace& face) {
  const cv::Rect2f& box = face.face.box;
  const Quality& quality = face.quality;
  return {{"box", {{"x", box.x}, {"y", box.y}, {"width", box.width}, {"height", box.height}}},
          {"confidence", face.face.confidence},
          {"quality",
           {{"eye_distance", quality.eye_distance},
            {"sharpness", quality.sharpness},
            {"roll", quality.roll},
            {"yaw", quality.yaw},
            {"brightness", quality.brightness}}}};
}

Json to_json(const Recognizer& recognizer) {
  return {{"detector", recognizer.detector_profile().name},
          {"model", recognizer.profile().name},
          {"fingerprint", recognizer.fingerprint()}};
}

Progress::Progress(std::size_t steps)
    : steps_(steps), visible_(steps > 1 && isatty(STDERR_FILENO)) {
  draw();
}

Progress::~Progress() {
  wipe();
}

void Progress::advance() {
  done_ = std::min(done_ + 1, steps_);
  draw();
}

void Progress::note(const std::string& line) {
  wipe();
  std::cerr << line << std::endl;
  draw();
}

void Progress::draw() const {
  if (!visible_) return;
  constexpr std::size_t columns = 40;
  const std::size_t filled = columns * done_ / steps_;
  std::cerr << "\r[" << std::string(filled, '#') << std::string(columns - filled, ' ') << "] "
            << done_ << '/' << steps_ << std::flush;
}

void Progress::wipe() const {
  if (visible_) std::cerr << "\r\033[K" << std::flush;
}

}  // namespace facerec::cli
