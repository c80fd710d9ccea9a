// SPDX-License-Identifier: LGPL-2.1-or-later

#include "gallery_store.h"

#include <algorithm>
#include <cstring>

#include "../error.h"
#include "gallery_name.h"
#include "person_name.h"
#include "stores.h"

namespace facerec {

namespace {

constexpr std::int64_t max_dimension = 1 << 20;

struct Kind {
  const char* scheme;  ///< of a name, "SCHEME://…"; empty for a file
  std::unique_ptr<GalleryStore> (*open)(const std::string& name, const StoreOptions& options);
  std::unique_ptr<GalleryPulse> (*pulse)(const std::string& name);
};

constexpr Kind kinds[] = {
    {"", open_sqlite, sqlite_pulse},
#ifdef HAVE_POSTGRESQL
    {"postgresql", open_postgresql, postgresql_pulse},
    {"postgres", open_postgresql, postgresql_pulse},
#endif
#ifdef HAVE_CURL
    {"opensearch+https", open_search, search_pulse},
    {"opensearch+http", open_search, search_pulse},
    {"elasticsearch+https", open_search, search_pulse},
    {"elasticsearch+http", open_search, search_pulse},
#endif
};

const Kind& kind_of(const std::string& name) {
  const std::string scheme = server_scheme(name);
  const auto* kind = std::find_if(std::begin(kinds), std::end(kinds),
                                  [&](const Kind& one) { return scheme == one.scheme; });
  if (kind != std::end(kinds)) return *kind;
  std::string known;
  for (const Kind& one : kinds) {
    if (*one.scheme) known.append(", ").append(one.scheme).append("://…");
  }
  throw Error(ErrorCode::Settings, "'" + without_password(name) + "' names no gallery: '" + scheme +
                                       "' is not known here; give a path" + known);
}

}  // namespace

std::unique_ptr<GalleryStore> open_store(const std::string& name, const StoreOptions& options) {
  return kind_of(name).open(gallery_name(name), options);
}

std::unique_ptr<GalleryPulse> open_pulse(const std::string& name) {
  return kind_of(name).pulse(gallery_name(name));
}

bool gallery_exists(const std::string& name) {
  try {
    open_store(name, {});
  } catch (const Error& error) {
    return error.code() != ErrorCode::NotFound;
  }
  return true;
}

void require_same_model(const ModelId& wanted, const ModelId& of_gallery,
                        const std::string& gallery) {
  if (of_gallery.fingerprint.empty() || wanted.fingerprint == of_gallery.fingerprint) return;
  const auto describe = [&](const ModelId& model) {
    std::string text = "'" + model.name + "'";
    if (wanted.name == of_gallery.name) text += " (" + model.fingerprint.substr(0, 12) + ")";
    return text;
  };
  const std::string remedy = wanted.name == of_gallery.name
                                 ? "use the same file of the model, template and mask"
                                 : "use the gallery's model";
  throw Error(ErrorCode::Mismatch, "gallery '" + gallery + "' holds templates of model " +
                                       describe(of_gallery) + " and embeddings of model " +
                                       describe(wanted) + " cannot be compared with them; " +
                                       remedy +
                                       ", or enroll its people anew in a gallery for this one");
}

void require_model(const StoredModel& wanted, const StoredModel& held, const std::string& gallery) {
  require_same_model(wanted.id, held.id, gallery);
  if (wanted.dimension == held.dimension) return;
  throw Error(ErrorCode::Mismatch, "gallery '" + gallery + "' holds embeddings of " +
                                       std::to_string(held.dimension) + " values, this one has " +
                                       std::to_string(wanted.dimension) +
                                       "; enroll into a gallery of its own");
}

void require_dimension(std::size_t probe, std::size_t of_gallery, const std::string& gallery) {
  if (probe == of_gallery) return;
  throw Error(ErrorCode::Mismatch, "a probe of " + std::to_string(probe) +
                                       " values cannot be compared with the " +
                                       std::to_string(of_gallery) + " of gallery '" + gallery +
                                       "'; enroll its people anew");
}

void require_name(const std::string& name, const std::string& gallery) {
  if (!is_name(name)) fail_damaged(gallery, "a person has no name");
}

void require_sound(const StoredModel& model, const std::string& gallery) {
  if (!is_name(model.id.name) || model.id.fingerprint.empty()) {
    fail_damaged(gallery, "its model has no name or no fingerprint");
  }
}

void fail_damaged(const std::string& gallery, const std::string& how) {
  throw Error(ErrorCode::Read, "gallery '" + gallery + "' is damaged" +
                                   (how.empty() ? "" : ": " + how) +
                                   "; restore a copy of it or enroll its people anew");
}

void fail_template(const std::string& gallery, std::int64_t id, const std::string& how) {
  fail_damaged(gallery, "template " + std::to_string(id) + " " + how);
}

std::string sql_list(const std::vector<std::int64_t>& ids) {
  std::string list;
  for (const std::int64_t id : ids) list += (list.empty() ? "(" : ",") + std::to_string(id);
  return list.empty() ? "(NULL)" : list + ")";
}

std::string to_blob(const std::vector<float>& values) {
  std::string bytes;
  bytes.reserve(values.size() * 4);
  for (float value : values) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(bits >> shift & 0xff);
  }
  return bytes;
}

void from_blob(const void* data, std::size_t size, std::int64_t dimension, std::int64_t id,
               const std::string& gallery, std::vector<float>& values) {
  if (dimension <= 0 || dimension > max_dimension ||
      size != static_cast<std::size_t>(dimension) * 4) {
    fail_template(
        gallery, id,
        "has " + std::to_string(size) + " bytes for " + std::to_string(dimension) + " values");
  }
  values.resize(dimension);
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  for (float& value : values) {
    const std::uint32_t bits =
        bytes[0] | bytes[1] << 8 | bytes[2] << 16 | static_cast<std::uint32_t>(bytes[3]) << 24;
    std::memcpy(&value, &bits, sizeof value);
    bytes += 4;
  }
  if (!is_finite(values)) fail_template(gallery, id, "has values that are not finite");
}

}  // namespace facerec
