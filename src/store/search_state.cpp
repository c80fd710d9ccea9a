// SPDX-License-Identifier: LGPL-2.1-or-later

#include "search_state.h"

#include <openssl/evp.h>

#include <cmath>
#include <limits>

#include "../error.h"

namespace facerec {

namespace {

using Json = nlohmann::json;

constexpr int format = 1;
constexpr std::int64_t max_dimension = 1 << 20;

Json model_json(const StoredModel& model) {
  return {{"name", model.id.name},        {"fingerprint", model.id.fingerprint},
          {"dimension", model.dimension}, {"unit_length", model.unit_length},
          {"location", model.location},   {"profile", model.profile}};
}

StoredModel model_of(const Json& document, const std::string& gallery) {
  const SearchFields fields(document, gallery, "its model");
  StoredModel model;
  model.id = {fields.text("name"), fields.text("fingerprint")};
  model.dimension = static_cast<int>(fields.integer("dimension", 1));
  model.unit_length = fields.flag("unit_length");
  model.location = fields.text("location");
  model.profile = fields.text("profile");
  if (fields.integer("dimension", 1) > max_dimension) fields.fail("has too many values");
  require_sound(model, gallery);
  return model;
}

std::map<std::string, StoredCalibration> calibrations_of(const Json& document,
                                                         const std::string& gallery) {
  std::map<std::string, StoredCalibration> result;
  for (const auto& [metric, entry] : document.items()) {
    const SearchFields fields(entry, gallery, "its calibration");
    result[metric] = {fields.number("false_accept_rate"), fields.number("threshold"),
                      fields.text("curve")};
  }
  return result;
}

}  // namespace

Json visible(const SearchState& state, const char* kind, Json filters) {
  if (filters.is_null()) filters = Json::array();
  filters.push_back({{"term", {{"kind", kind}}}});
  filters.push_back({{"range", {{"change", {{"lte", state.change}}}}}});
  Json excluded = Json::array();
  excluded.push_back({{"terms", {{"change", state.abandoned}}}});
  excluded.push_back({{"term", {{"person", state.removing}}}});
  return {{"bool", {{"filter", std::move(filters)}, {"must_not", std::move(excluded)}}}};
}

Json to_json(const SearchState& state) {
  Json calibrations = Json::object();
  for (const auto& [metric, calibration] : state.calibrations) {
    calibrations[metric] = {{"false_accept_rate", calibration.false_accept_rate},
                            {"threshold", calibration.threshold},
                            {"curve", calibration.curve}};
  }
  return {{"kind", "state"},
          {"application", search_application},
          {"format", format},
          {"change", state.change},
          {"mark", state.mark},
          {"next_change", state.next_change},
          {"next_person", state.next_person},
          {"next_template", state.next_template},
          {"people", state.people},
          {"templates", state.templates},
          {"model", state.model ? model_json(*state.model) : Json()},
          {"vector_field", state.vector_field},
          {"calibrations", calibrations},
          {"removing", state.removing},
          {"abandoned", state.abandoned},
          {"lease",
           {{"holder", state.lease.holder},
            {"change", state.lease.change},
            {"until", state.lease.until}}}};
}

SearchState search_state_of(const Json& document, const std::string& gallery) {
  if (!document.is_object() || document.value("application", Json()) != search_application) {
    fail_no_gallery(gallery);
  }
  const SearchFields fields(document, gallery, "its state");
  const std::int64_t found = fields.integer("format", 1);
  if (found > format) {
    throw Error(ErrorCode::Read, "gallery '" + gallery + "' is of format " + std::to_string(found) +
                                     ", which a newer version made; use that version");
  }
  SearchState state;
  state.change = fields.integer("change", 0);
  state.mark = fields.integer("mark", std::numeric_limits<std::int64_t>::min());
  state.next_change = fields.integer("next_change", state.change + 1);
  state.next_person = fields.integer("next_person", 1);
  state.next_template = fields.integer("next_template", 1);
  state.people = fields.integer("people", 0);
  state.templates = fields.integer("templates", 0);
  if (!fields.field("model").is_null()) state.model = model_of(fields.field("model"), gallery);
  state.vector_field = fields.text("vector_field");
  state.calibrations = calibrations_of(fields.field("calibrations"), gallery);
  state.removing = fields.integer("removing", 0);
  for (const Json& change : fields.field("abandoned")) {
    if (!change.is_number_integer()) fields.fail("has an abandoned change without a number");
    state.abandoned.push_back(change);
  }
  const SearchFields lease(fields.field("lease"), gallery, "its lease");
  state.lease = {lease.text("holder"), lease.integer("change", 0), lease.integer("until", 0)};
  return state;
}

void fail_no_gallery(const std::string& name) {
  throw Error(ErrorCode::Read,
              "'" + name + "' is an index of something else than a gallery; name another");
}

void read_values(const SearchFields& fields, std::int64_t id, const SearchState& state,
                 const std::string& gallery, std::vector<float>& values) {
  if (!state.model) fields.fail("is of no model");
  const std::string bytes = from_base64(fields.text("values"));
  from_blob(bytes.data(), bytes.size(), state.model->dimension, id, gallery, values);
}

SearchFields::SearchFields(const Json& document, const std::string& gallery, std::string what)
    : document_(document), gallery_(gallery), what_(std::move(what)) {
  if (!document_.is_object()) fail("is no document");
}

std::int64_t SearchFields::integer(const char* name, std::int64_t least) const {
  const Json& value = field(name);
  const bool too_large = value.is_number_unsigned() &&
                         value.get<std::uint64_t>() >
                             static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!value.is_number_integer() || too_large || value.get<std::int64_t>() < least) {
    fail("has a wrong '" + std::string(name) + "'");
  }
  return value;
}

double SearchFields::number(const char* name) const {
  const Json& value = field(name);
  if (value.is_null()) return NAN;
  if (!value.is_number()) fail("has a wrong '" + std::string(name) + "'");
  return value;
}

bool SearchFields::flag(const char* name) const {
  const Json& value = field(name);
  if (!value.is_boolean()) fail("has a wrong '" + std::string(name) + "'");
  return value;
}

const std::string& SearchFields::text(const char* name) const {
  const Json& value = field(name);
  if (!value.is_string()) fail("has a wrong '" + std::string(name) + "'");
  return value.get_ref<const std::string&>();
}

const Json& SearchFields::field(const char* name) const {
  const auto found = document_.find(name);
  if (found == document_.end()) fail("has no '" + std::string(name) + "'");
  return *found;
}

void SearchFields::fail(const std::string& how) const {
  fail_damaged(gallery_, what_ + " " + how);
}

std::string to_base64(const std::string& bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(size);
  return text;
}

std::string from_base64(const std::string& text) {
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  const std::size_t padding = text.size() - (text.find_last_not_of('=') + 1);
  if (size < 0 || padding > 2 || static_cast<std::size_t>(size) < padding) return {};
  bytes.resize(size - padding);
  return bytes;
}

}  // namespace facerec
