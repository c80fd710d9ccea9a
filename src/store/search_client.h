// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <functional>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "gallery_store.h"
#include "http.h"
#include "search_uri.h"

namespace facerec {

/// One index of an OpenSearch or Elasticsearch server: its REST interface as far as a gallery needs
/// it. Every call may throw Error: Busy where the server does not answer in time or has too much to
/// do, NotFound where there is no such index, Read where it refuses the credentials or is no such
/// server, Write where it takes no changes.
class SearchClient {
 public:
  using Json = nlohmann::json;

  struct Answer {
    int status = 0;
    Json body;
  };

  /// Of a document; another one each time that it is written.
  struct Version {
    std::int64_t seq_no = 0;
    std::int64_t primary_term = 0;
  };
  struct Document {
    Json source;
    Version version;
  };

  SearchClient(const SearchUri& uri, const std::string& gallery, std::chrono::milliseconds patience,
               const std::atomic<bool>* stop);

  const std::string& gallery() const { return gallery_; }
  const SearchUri& uri() const { return uri_; }
  std::chrono::milliseconds patience() const { return patience_; }

  /// Which of the two it is, by its own word or else by the scheme.
  bool is_elasticsearch();

  /// Makes the index; false where there is one of that name.
  bool create(const Json& settings, const Json& mappings);
  /// Empty where the server does not take the fields.
  bool add_fields(const Json& properties);
  /// What the index was made with.
  Json mappings();

  /// Empty where there is no such document; whatever was written is seen at once.
  std::optional<Document> get(const std::string& id);
  /// Writes a document in place of that version of it, null for one that is new. Empty where there
  /// is another version by now.
  std::optional<Version> put(const std::string& id, const Json& source, const Version* replaced);

  /// `lines` as the bulk interface takes them, which may be sent twice: what is there already or
  /// gone is right. Throws where one of them was not carried out.
  void bulk(const std::string& lines);
  /// What has been written is found by search().
  void refresh();

  /// The hits of a search, of all shards.
  std::vector<Json> search(Json query, const std::string& moment = "");

  /// A view of the index that does not change; the server keeps it for five minutes after each use.
  std::string open_moment();
  void close_moment(const std::string& moment) noexcept;

 private:
  std::string path(const std::string& rest) const { return "/" + uri_.index + rest; }
  /// Throws for a status that is neither a success nor one of `also`.
  Answer call(const char* method, const std::string& path, const Json* body,
              std::initializer_list<int> also = {}, bool writes = false);
  Answer answer_of(const HttpRequest& request, std::initializer_list<int> also);
  Version version_of(const Answer& answer) const;
  [[noreturn]] void fail(const Answer& answer) const;
  [[noreturn]] void fail_answer(const std::string& what) const;

  const SearchUri uri_;
  const std::string gallery_;
  const std::chrono::milliseconds patience_;
  Http http_;
  std::optional<bool> elasticsearch_;
};

/// What was written, of a hit; null where it has none.
const nlohmann::json& source_of(const nlohmann::json& hit);

/// How long a request that writes may take at least; a server has more to do for it.
constexpr std::chrono::seconds write_patience{10};

}  // namespace facerec
