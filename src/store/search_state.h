// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "gallery_store.h"

namespace facerec {

/// The one document of an index that says what of the others counts: a change to the gallery is
/// made the moment that this document is replaced. The others carry the number of the change that
/// wrote them; readers pass over those of later changes and of abandoned ones.
struct SearchState {
  std::int64_t change = 0;       ///< the last one; 0 where there was none
  std::int64_t mark = 0;         ///< of it, see GalleryPosition
  std::int64_t next_change = 1;  ///< numbers are taken with the lease, so that none is taken twice
  std::int64_t next_person = 1;
  std::int64_t next_template = 1;
  std::int64_t people = 0;
  std::int64_t templates = 0;
  std::optional<StoredModel> model;
  std::string vector_field;  ///< that the server searches; empty where it has none
  std::map<std::string, StoredCalibration> calibrations;  ///< by metric
  std::int64_t removing = 0;            ///< a person whose documents may still be there; 0 = nobody
  std::vector<std::int64_t> abandoned;  ///< changes that were not made, the newest ones

  /// Who changes the gallery; others wait until `until`.
  struct Lease {
    std::string holder;       ///< empty = nobody
    std::int64_t change = 0;  ///< its number
    std::int64_t until = 0;   ///< milliseconds since 1970-01-01 UTC
  } lease;
};

/// The id of the document that is a SearchState.
constexpr const char* state_id = "state";

/// A filter for documents that count once `state` does, of one kind: "person", "template" or
/// "change".
nlohmann::json visible(const SearchState& state, const char* kind, nlohmann::json filters = {});

nlohmann::json to_json(const SearchState& state);

/// Throws Error (Read) where it is damaged, of a newer format or of something else.
SearchState search_state_of(const nlohmann::json& document, const std::string& gallery);

/// What a gallery's documents and index call themselves.
constexpr const char* search_application = "gst-facerec gallery";

/// Throws Error (Read) that says that the index is another program's.
[[noreturn]] void fail_no_gallery(const std::string& name);

/// What is read of a document, of the type that it must have.
class SearchFields {
 public:
  /// `what` for messages, "template 7"; the references outlive the object.
  SearchFields(const nlohmann::json& document, const std::string& gallery, std::string what);

  std::int64_t integer(const char* name, std::int64_t least) const;
  double number(const char* name) const;  ///< NaN where there is null
  bool flag(const char* name) const;
  const std::string& text(const char* name) const;
  const nlohmann::json& field(const char* name) const;
  [[noreturn]] void fail(const std::string& how) const;

 private:
  const nlohmann::json& document_;
  const std::string& gallery_;
  const std::string what_;
};

/// The embedding of the document of template `id`. Throws Error (Read) as from_blob() does.
void read_values(const SearchFields& fields, std::int64_t id, const SearchState& state,
                 const std::string& gallery, std::vector<float>& values);

/// Bytes as text, and back; empty where the text is no such one.
std::string to_base64(const std::string& bytes);
std::string from_base64(const std::string& text);

}  // namespace facerec
