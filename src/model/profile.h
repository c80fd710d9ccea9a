// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "../match/calibration.h"

namespace facerec {

enum class Role { Detector, Landmarker, Embedder };

/// "detector", "landmarker", "embedder".
std::string to_string(Role role);

/// One file of a network and where it comes from.
struct ModelFile {
  std::string name;
  std::string url;         ///< empty where there is no official place
  std::string sha256;      ///< hexadecimal; empty where unknown
  std::string sha1;        ///< for models/fetch, where nothing better is published
  std::string md5;         ///< likewise
  std::uint64_t size = 0;  ///< bytes; 0 where unknown
};

struct Threshold {
  double value = 0;
  std::string source;  ///< who measured it, on what
};

struct Curve {
  Calibration distances;
  std::string source;  ///< who measured it, on what
};

/// What a network expects and returns: everything that is needed to use it as its authors did.
struct Profile {
  std::string name;
  std::string title;  ///< one line for people
  Role role = Role::Embedder;
  std::string method;            ///< key of the method table of the role, e.g. "yunet", "ssd"
  int preference = 0;            ///< `auto` takes the lowest that is present; 0 = never by `auto`
  std::vector<ModelFile> files;  ///< network first, then its configuration where it has one;
                                 ///< none where the method brings its own
  std::string licence;
  std::string source;

  cv::Size input;                       ///< pixels
  bool rgb = false;                     ///< channel order of the input; BGR otherwise
  std::array<double, 3> mean{0, 0, 0};  ///< subtracted first, in the input's channel order
  double scale = 1;                     ///< multiplied then
  bool standardise = false;             ///< instead: each picture to mean 0 and deviation 1
  std::string template_name;            ///< embedders: see align/template.h
  double margin = 0;                    ///< landmarkers and template "none": box enlarged by this
                                        ///< part of its longer side on every side
  std::string output;                   ///< name of the output layer; empty = the only one
  std::string landmarks;                ///< detectors: the landmarker that checks each find and
                                        ///< gives its points; empty = none
  int dimension = 0;                    ///< embedders: length of the embedding
  bool unit_length = false;             ///< embedders: scale the output to length 1
  /// "confidence" of a detector or landmarker, "candidate" of a detector whose finds `landmarks`
  /// checks; an embedder's metric.
  std::map<std::string, Threshold> thresholds;
  /// Embedders: how near strangers come, by metric.
  std::map<std::string, Curve> curves;
};

/// The profile's threshold "confidence", or `otherwise` where it states none.
float confidence_threshold(const Profile& profile, float otherwise);

/// Reads NAME.json, the format that models/README.md describes. Throws Error (NotFound, Read,
/// Settings) that names the file and field.
Profile read_profile(const std::filesystem::path& file);

/// The same from a text, of which `origin` is the file that errors name.
Profile parse_profile(const std::string& text, const std::filesystem::path& origin);

/// The profile as parse_profile() takes it.
std::string to_json(const Profile& profile);

}  // namespace facerec
