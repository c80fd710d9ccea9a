// SPDX-License-Identifier: LGPL-2.1-or-later

#include "profile.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "../error.h"
#include "../match/metric.h"
#include "../readable_file.h"

namespace facerec {
namespace {

using Json = nlohmann::json;

constexpr int max_side = 8192;
constexpr int max_dimension = 1 << 20;

/// One JSON object whose fields are taken out one by one; what nobody took is unknown.
class Fields {
 public:
  Fields(const Json& object, std::filesystem::path file, std::string prefix = "")
      : object_(object), file_(std::move(file)), prefix_(std::move(prefix)) {
    if (!object_.is_object()) fail("", "has to be an object");
  }

  const Json* find(const std::string& name) {
    taken_.insert(name);
    const auto field = object_.find(name);
    return field == object_.end() ? nullptr : &*field;
  }

  const Json& get(const std::string& name) {
    const Json* field = find(name);
    if (!field) fail(name, "is missing");
    return *field;
  }

  std::string text(const std::string& name) {
    const Json& field = get(name);
    if (!field.is_string()) fail(name, "has to be a string");
    return field.get<std::string>();
  }

  std::string text(const std::string& name, const std::string& otherwise) {
    return find(name) ? text(name) : otherwise;
  }

  double as_number(const std::string& name, const Json& field) const {
    if (!field.is_number()) fail(name, "has to be a number");
    return field.get<double>();
  }

  double number(const std::string& name, double otherwise) {
    const Json* field = find(name);
    return field ? as_number(name, *field) : otherwise;
  }

  std::int64_t as_integer(const std::string& name, const Json& field, std::int64_t least,
                          std::int64_t most) const {
    const bool in_range = field.is_number_integer() && field >= least && field <= most;
    if (!in_range) {
      fail(name, "has to be a whole number from " + std::to_string(least) + " to " +
                     std::to_string(most));
    }
    return field.get<std::int64_t>();
  }

  bool boolean(const std::string& name, bool otherwise) {
    const Json* field = find(name);
    if (!field) return otherwise;
    if (!field->is_boolean()) fail(name, "has to be true or false");
    return field->get<bool>();
  }

  const Json& array(const std::string& name) {
    const Json& field = get(name);
    if (!field.is_array()) fail(name, "has to be an array");
    return field;
  }

  const Json& array(const std::string& name, std::size_t count) {
    const Json& field = array(name);
    if (field.size() != count) fail(name, "has to have " + std::to_string(count) + " elements");
    return field;
  }

  void no_others() const {
    for (const auto& [name, value] : object_.items()) {
      if (!taken_.count(name)) fail(name, "is unknown");
    }
  }

  [[noreturn]] void fail(const std::string& name, const std::string& what) const {
    throw Error(ErrorCode::Settings, file_.string() + ": field '" + prefix_ + name + "' " + what +
                                         "; models/README.md describes the fields");
  }

  const std::filesystem::path& file() const { return file_; }

 private:
  const Json& object_;
  std::filesystem::path file_;
  std::string prefix_;
  std::set<std::string> taken_;
};

Role parse_role(Fields& fields) {
  const std::string role = fields.text("role");
  if (role == "detector") return Role::Detector;
  if (role == "landmarker") return Role::Landmarker;
  if (role == "embedder") return Role::Embedder;
  fields.fail("role", "has to be detector, landmarker or embedder, not '" + role + "'");
}

std::string checksum(Fields& fields, const std::string& name, std::size_t digits) {
  std::string text = fields.text(name, "");
  const bool valid =
      text.empty() ||
      (text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string::npos);
  if (!valid) fields.fail(name, "has to be " + std::to_string(digits) + " digits 0-9, a-f");
  return text;
}

std::vector<ModelFile> read_files(Fields& fields) {
  std::vector<ModelFile> files;
  for (const Json& entry : fields.array("files")) {
    Fields file(entry, fields.file(), "files[" + std::to_string(files.size()) + "].");
    ModelFile& read = files.emplace_back();
    read.name = file.text("name");
    if (read.name.empty() || read.name != std::filesystem::path(read.name).filename()) {
      file.fail("name", "has to be a file's name without a folder");
    }
    read.url = file.text("url", "");
    read.sha256 = checksum(file, "sha256", 64);
    read.sha1 = checksum(file, "sha1", 40);
    read.md5 = checksum(file, "md5", 32);
    if (const Json* size = file.find("size")) {
      read.size = static_cast<std::uint64_t>(file.as_integer("size", *size, 1, INT64_MAX));
    }
    file.no_others();
  }
  return files;
}

void check_threshold_name(const Fields& fields, Role role, const std::string& name) {
  if (role != Role::Embedder && name == "confidence") return;
  if (role == Role::Detector && name == "candidate") return;
  if (role == Role::Embedder) {
    try {
      parse_metric(name);
      return;
    } catch (const Error& error) {
      fields.fail(name, std::string("is unknown: ") + error.what());
    }
  }
  fields.fail(name, "is unknown for this role");
}

std::map<std::string, Threshold> read_thresholds(Fields& fields, Role role) {
  std::map<std::string, Threshold> thresholds;
  const Json* entries = fields.find("thresholds");
  if (!entries) return thresholds;
  const Fields names(*entries, fields.file(), "thresholds.");
  for (const auto& [name, entry] : entries->items()) {
    check_threshold_name(names, role, name);
    Fields threshold(entry, fields.file(), "thresholds." + name + ".");
    const double value = threshold.as_number("value", threshold.get("value"));
    if (!(value > 0)) threshold.fail("value", "has to be greater than 0");
    thresholds[name] = {value, threshold.text("source")};
    threshold.no_others();
  }
  return thresholds;
}

Profile parse(Fields& fields) {
  Profile profile;
  profile.name = fields.text("name");
  if (profile.name != fields.file().stem()) fields.fail("name", "has to equal the file's name");
  profile.title = fields.text("title");
  profile.role = parse_role(fields);
  const bool embedder = profile.role == Role::Embedder;
  profile.method = embedder ? fields.text("method", "") : fields.text("method");
  if (const Json* preference = fields.find("preference")) {
    profile.preference = static_cast<int>(fields.as_integer("preference", *preference, 0, 1000));
  }
  profile.files = read_files(fields);
  if (profile.files.empty() && profile.method != "dlib-hog") {
    fields.fail("files", "has to name at least one file for this method");
  }
  profile.licence = fields.text("licence");
  profile.source = fields.text("source");

  const Json& input = fields.array("input", 2);
  profile.input.width = static_cast<int>(fields.as_integer("input", input[0], 1, max_side));
  profile.input.height = static_cast<int>(fields.as_integer("input", input[1], 1, max_side));
  const std::string colour = fields.text("colour", "BGR");
  if (colour != "BGR" && colour != "RGB") fields.fail("colour", "has to be BGR or RGB");
  profile.rgb = colour == "RGB";
  if (fields.find("mean")) {
    const Json& mean = fields.array("mean", 3);
    std::transform(mean.begin(), mean.end(), profile.mean.begin(),
                   [&](const Json& value) { return fields.as_number("mean", value); });
  }
  profile.scale = fields.number("scale", 1.);
  profile.standardise = fields.boolean("standardise", false);
  if (profile.standardise && (fields.find("mean") || fields.find("scale"))) {
    fields.fail("standardise", "excludes mean and scale");
  }
  profile.template_name = embedder ? fields.text("template") : fields.text("template", "");
  profile.margin = fields.number("margin", 0.);
  profile.output = fields.text("output", "");
  profile.landmarks = fields.text("landmarks", "");
  if (embedder) {
    profile.dimension =
        static_cast<int>(fields.as_integer("dimension", fields.get("dimension"), 1, max_dimension));
  }
  profile.unit_length = fields.boolean("unit_length", false);
  profile.thresholds = read_thresholds(fields, profile.role);
  fields.no_others();
  return profile;
}

}  // namespace

std::string to_string(Role role) {
  switch (role) {
    case Role::Detector:
      return "detector";
    case Role::Landmarker:
      return "landmarker";
    case Role::Embedder:
      return "embedder";
  }
  return "";
}

float confidence_threshold(const Profile& profile, float otherwise) {
  const auto threshold = profile.thresholds.find("confidence");
  return threshold == profile.thresholds.end() ? otherwise
                                               : static_cast<float>(threshold->second.value);
}

Profile read_profile(const std::filesystem::path& file) {
  require_readable(file, "pass the path of a profile");
  std::ifstream stream(file);
  Json json;
  try {
    json = Json::parse(stream);
  } catch (const std::exception& error) {
    throw Error(ErrorCode::Read, file.string() + " is not a profile in JSON: " + error.what());
  }
  Fields fields(json, file);
  return parse(fields);
}

}  // namespace facerec
