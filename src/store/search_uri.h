// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

namespace facerec {

/// What the name of a gallery on OpenSearch or Elasticsearch says:
/// opensearch+https://[USER[:PASSWORD]@]HOST[:PORT]/INDEX[?shards=N&replicas=N&ca=FILE]
struct SearchUri {
  bool elasticsearch = false;
  std::string base;  ///< "https://host:port"; the port is 9200 where none is said
  std::string user;
  std::string password;
  std::string index;
  std::optional<int> shards;    ///< of an index that is made; else what the server takes
  std::optional<int> replicas;  ///< the same
  std::string ca_file;
};

/// Throws Error (Settings) that says what is wrong.
SearchUri parse_search_uri(const std::string& uri);

}  // namespace facerec
