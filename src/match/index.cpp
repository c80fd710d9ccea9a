// SPDX-License-Identifier: LGPL-2.1-or-later

#include "index.h"

#include "../error.h"
#include "annoy_index.h"
#include "faiss_index.h"
#include "hnsw_index.h"
#include "match/index_libraries.h"
#include "nmslib_index.h"

namespace facerec {
namespace {

struct Kind {
  const char* name;
  std::unique_ptr<Index> (*make)(int dimension, std::size_t capacity);
};

const std::vector<Kind> kinds{
#ifdef HAVE_HNSWLIB
    {"hnsw", make_hnsw_index},
#endif
#ifdef HAVE_FAISS
    {"faiss-ivfpq", make_faiss_index},
#endif
#ifdef HAVE_ANNOY
    {"annoy", make_annoy_index},
#endif
#ifdef HAVE_NMSLIB
    {"nmslib", make_nmslib_index},
#endif
};

const Kind& kind_of(const std::string& name) {
  std::string known = "auto, exact";
  for (const Kind& kind : kinds) {
    if (name == kind.name) return kind;
    known += ", " + std::string(kind.name);
  }
  throw Error(ErrorCode::Settings,
              "this build has no index '" + name + "'; use one of " + known + ", server");
}

}  // namespace

std::unique_ptr<Index> make_index(const std::string& kind, int dimension, std::size_t capacity) {
  return kind_of(kind).make(dimension, capacity);
}

std::unique_ptr<Index> make_index(const std::string& kind, int dimension, std::size_t capacity,
                                  std::string_view links, const IndexSource& source) {
  auto index = make_index(kind, dimension, capacity);
  index->load(links, source);
  return index;
}

std::vector<std::string> index_kinds() {
  std::vector<std::string> names;
  names.reserve(kinds.size());
  for (const Kind& kind : kinds) names.emplace_back(kind.name);
  return names;
}

void require_index(const std::string& kind) {
  if (kind != "auto" && kind != "exact") kind_of(kind);
}

}  // namespace facerec
