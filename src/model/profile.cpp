// SPDX-License-Identifier: LGPL-2.1-or-later

#include "profile.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "../align/template.h"
#include "../error.h"
#include "../match/metric.h"
#include "../readable_file.h"

namespace facerec {
namespace {

using Json = nlohmann::json;

// Far beyond every network that exists, and small enough that no arithmetic on them overflows and
// no picture takes the memory of the machine.
constexpr int max_side = 4096;
constexpr int max_dimension = 1 << 16;
constexpr double max_mean = 1000;  // pixels have 0..255
constexpr double max_scale = 1000;
constexpr double max_margin = 10;
constexpr double max_distance = 1e6;
constexpr double least_positive = 1e-9;
constexpr std::size_t max_files = 16;
constexpr std::uintmax_t max_file_size = 1 << 20;
constexpr std::size_t max_name = 128;

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
    std::string value = field.get<std::string>();
    const bool one_line = std::none_of(
        value.begin(), value.end(), [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; });
    if (!one_line) fail(name, "has to be one line without control characters");
    return value;
  }

  std::string text(const std::string& name, const std::string& otherwise) {
    return find(name) ? text(name) : otherwise;
  }

  double as_number(const std::string& name, const Json& field, double least, double most) const {
    const double value = field.is_number() ? field.get<double>() : NAN;
    if (!(value >= least && value <= most)) {
      fail(name, "has to be a number from " + text_of(least) + " to " + text_of(most));
    }
    return value;
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
  static std::string text_of(double value) { return Json(value).dump(); }

  const Json& object_;
  std::filesystem::path file_;
  std::string prefix_;
  std::set<std::string> taken_;
};

/// Letters, digits, `.`, `_`, `-`, `+` and what is not ASCII, not beginning with one that means
/// something to a shell or to a program's options: such a name is a path and an argument.
bool is_plain_name(const std::string& name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char byte) {
    return byte >= 0x80 || std::isalnum(byte) || std::strchr("._-+", byte);
  });
  return plain && !name.empty() && name.size() <= max_name && name[0] != '-' && name[0] != '.';
}

constexpr const char* plain_name_rule =
    "has to be a name of letters, digits, '.', '_', '-' and '+' that begins with none of '.' and "
    "'-'";

/// A model's name, as in "landmarks": what holds a dot would be the path of a network.
bool is_model_name(const std::string& name) {
  return is_plain_name(name) && name.find('.') == std::string::npos && name != "auto";
}

bool is_url(const std::string& text) {
  const bool schemed = text.rfind("https://", 0) == 0 || text.rfind("file:///", 0) == 0;
  return schemed && std::all_of(text.begin(), text.end(), [](unsigned char byte) {
           return std::isalnum(byte) || (byte && std::strchr("-._~:/?#@!$&'()*+,;=%", byte));
         });
}

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
  const Json& entries = fields.array("files");
  if (entries.size() > max_files) {
    fields.fail("files", "has to have at most " + std::to_string(max_files) + " elements");
  }
  for (const Json& entry : entries) {
    Fields file(entry, fields.file(), "files[" + std::to_string(files.size()) + "].");
    ModelFile& read = files.emplace_back();
    read.name = file.text("name");
    if (!is_plain_name(read.name)) file.fail("name", plain_name_rule);
    // What models/fetch writes must not become a profile or a program beside the models.
    const std::string kind = std::filesystem::path(read.name).extension();
    if (kind.empty() || kind == ".json" || kind == ".part" || kind == ".unpacked") {
      file.fail("name", "has to end in the kind of a network's file");
    }
    read.url = file.text("url", "");
    if (!read.url.empty() && !is_url(read.url)) {
      file.fail("url", "has to begin with https:// and hold only the characters of a URL");
    }
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
    const double most = role == Role::Embedder ? max_distance : 1;
    const double value = threshold.as_number("value", threshold.get("value"), least_positive, most);
    thresholds[name] = {value, threshold.text("source")};
    threshold.no_others();
  }
  return thresholds;
}

void check_template(const Fields& fields, const std::string& name) {
  try {
    find_template(name);
  } catch (const Error& error) {
    fields.fail("template", std::string("is unknown: ") + error.what());
  }
}

std::map<std::string, Curve> read_curves(Fields& fields, Role role) {
  std::map<std::string, Curve> curves;
  const Json* entries = fields.find("curves");
  if (!entries) return curves;
  if (role != Role::Embedder) fields.fail("curves", "is for embedders");
  const Fields names(*entries, fields.file(), "curves.");
  for (const auto& [name, entry] : entries->items()) {
    check_threshold_name(names, role, name);
    Fields curve(entry, fields.file(), "curves." + name + ".");
    for (const char* part : {"knots", "scale", "shape", "pairs"}) curve.get(part);
    try {
      curves.insert({name, {calibration_from_json(entry.dump()), curve.text("source")}});
    } catch (const Error& error) {
      if (error.code() != ErrorCode::Read) throw;
      names.fail(name, std::string("is no curve: ") + error.what());
    }
    curve.no_others();
  }
  return curves;
}

Profile parse(Fields& fields) {
  Profile profile;
  profile.name = fields.text("name");
  if (!is_plain_name(profile.name)) fields.fail("name", plain_name_rule);
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
    std::transform(mean.begin(), mean.end(), profile.mean.begin(), [&](const Json& value) {
      return fields.as_number("mean", value, -max_mean, max_mean);
    });
  }
  if (const Json* scale = fields.find("scale")) {
    profile.scale = fields.as_number("scale", *scale, least_positive, max_scale);
  }
  profile.standardise = fields.boolean("standardise", false);
  if (profile.standardise && (fields.find("mean") || fields.find("scale"))) {
    fields.fail("standardise", "excludes mean and scale");
  }
  profile.template_name = embedder ? fields.text("template") : fields.text("template", "");
  if (embedder || !profile.template_name.empty()) check_template(fields, profile.template_name);
  if (const Json* margin = fields.find("margin")) {
    profile.margin = fields.as_number("margin", *margin, 0, max_margin);
  }
  profile.output = fields.text("output", "");
  profile.landmarks = fields.text("landmarks", "");
  if (!profile.landmarks.empty() && profile.role != Role::Detector) {
    fields.fail("landmarks", "is for detectors only");
  }
  if (!profile.landmarks.empty() && !is_model_name(profile.landmarks)) {
    fields.fail("landmarks", "has to be the name of a landmarker");
  }
  if (embedder) {
    profile.dimension =
        static_cast<int>(fields.as_integer("dimension", fields.get("dimension"), 1, max_dimension));
  }
  profile.unit_length = fields.boolean("unit_length", false);
  profile.thresholds = read_thresholds(fields, profile.role);
  profile.curves = read_curves(fields, profile.role);
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
  std::error_code failure;
  if (std::filesystem::file_size(file, failure) > max_file_size || failure) {
    throw Error(ErrorCode::Read,
                file.string() + " is too large for a profile: pass the path of a profile");
  }
  std::ifstream stream(file);
  const std::string text((std::istreambuf_iterator<char>(stream)), {});
  Profile profile = parse_profile(text, file);
  if (profile.name != file.stem()) {
    throw Error(ErrorCode::Settings, file.string() +
                                         ": field 'name' has to equal the file's name; "
                                         "models/README.md describes the fields");
  }
  return profile;
}

Profile parse_profile(const std::string& text, const std::filesystem::path& origin) {
  Json json;
  try {
    json = Json::parse(text);
  } catch (const std::exception& error) {
    throw Error(ErrorCode::Read, origin.string() + " is not a profile in JSON: " + error.what());
  }
  Fields fields(json, origin);
  return parse(fields);
}

std::string to_json(const Profile& profile) {
  Json files = Json::array();
  for (const ModelFile& file : profile.files) {
    Json entry{{"name", file.name}};
    for (const auto& [name, text] : {std::pair{"url", &file.url},
                                     {"sha256", &file.sha256},
                                     {"sha1", &file.sha1},
                                     {"md5", &file.md5}}) {
      if (!text->empty()) entry[name] = *text;
    }
    if (file.size) entry["size"] = file.size;
    files.push_back(std::move(entry));
  }
  Json json{{"name", profile.name},
            {"title", profile.title},
            {"role", to_string(profile.role)},
            {"method", profile.method},
            {"preference", profile.preference},
            {"files", files},
            {"licence", profile.licence},
            {"source", profile.source},
            {"input", {profile.input.width, profile.input.height}},
            {"colour", profile.rgb ? "RGB" : "BGR"},
            {"template", profile.template_name},
            {"margin", profile.margin},
            {"output", profile.output},
            {"landmarks", profile.landmarks},
            {"unit_length", profile.unit_length}};
  if (profile.standardise) {
    json["standardise"] = true;
  } else {
    json["mean"] = profile.mean;
    json["scale"] = profile.scale;
  }
  if (profile.role == Role::Embedder) json["dimension"] = profile.dimension;
  for (const auto& [name, threshold] : profile.thresholds) {
    json["thresholds"][name] = {{"value", threshold.value}, {"source", threshold.source}};
  }
  for (const auto& [name, curve] : profile.curves) {
    json["curves"][name] = Json::parse(to_json(curve.distances));
    json["curves"][name]["source"] = curve.source;
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace facerec
