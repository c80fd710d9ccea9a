// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "../match/track_decision.h"
#include "../pipeline.h"

namespace facerec::cli {

using Json = nlohmann::ordered_json;

/// The document as a file holds it; bytes of names that are not UTF-8 are replaced.
std::string text_of(const Json& document);

/// The document on standard output. Bytes that are no UTF-8 (file names) become U+FFFD.
void print(const Json& document);

/// Columns of text on standard output, the first row being their titles.
void print_table(const std::vector<std::vector<std::string>>& rows);

/// A number with four decimals.
std::string format(double value);
/// A number with up to four digits.
std::string number(double value);

/// "sharpness 0.03, at least 0.04"; of a lack for a reason.
std::string describe_lack(const ShotLack& lack);

/// box, confidence and quality; what is not known is null.
Json to_json(const RecognizedFace& face);
/// The model's name and fingerprint.
Json to_json(const Recognizer& recognizer);

/// A bar on standard error where that is a terminal and there is more than one step.
class Progress {
 public:
  explicit Progress(std::size_t steps);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// One more step is done; beyond the last nothing.
  void advance();
  /// A line of its own on standard error.
  void note(const std::string& line);

 private:
  void draw() const;
  void wipe() const;

  std::size_t steps_;
  std::size_t done_ = 0;
  bool visible_;
};

}  // namespace facerec::cli
