// SPDX-License-Identifier: LGPL-2.1-or-later

#include "search_moment.h"

#include <algorithm>
#include <utility>

#include "../error.h"

namespace facerec {

namespace {

using Json = nlohmann::json;

constexpr std::size_t page_bytes = 1u << 20;
constexpr std::size_t page_documents = 2'000;
constexpr int moment_tries = 20;

}  // namespace

SearchState current_state(SearchClient& client) {
  const auto document = client.get(state_id);
  if (!document) fail_damaged(client.gallery(), "its state is gone");
  return search_state_of(document->source, client.gallery());
}

SearchMoment::SearchMoment(SearchClient& client, const std::atomic<bool>* stop)
    : client_(client), stop_(stop), state_(current_state(client)) {
  // Documents of people who are removed go once the removal is made, so that the view is whole
  // where no change was made while it was taken.
  for (int tries = 0; tries < moment_tries; ++tries) {
    view_ = client_.open_moment();
    try {
      SearchState later = current_state(client_);
      const bool same = later.change == state_.change && later.mark == state_.mark;
      if (same) return;
      state_ = std::move(later);
    } catch (...) {
      client_.close_moment(view_);
      throw;
    }
    client_.close_moment(view_);
  }
  throw Error(ErrorCode::Busy, "gallery '" + client.gallery() +
                                   "' is changed again and again while it is read; try again");
}

void SearchMoment::each(
    const char* kind, const std::vector<const char*>& fields, const Json& filters,
    const std::function<void(std::int64_t id, const SearchFields& fields)>& visit) const {
  const std::size_t dimension = state_.model ? state_.model->dimension : 0;
  const std::size_t page =
      std::clamp<std::size_t>(page_bytes / (dimension * 6 + 400), 50, page_documents);
  Json query{{"size", page},
             {"_source", fields},
             {"sort", Json::array({{{"id", "asc"}}})},
             {"query", visible(state_, kind, filters)}};
  std::int64_t before = 0;
  for (;;) {
    const std::vector<Json> hits = client_.search(query, view_);
    for (const Json& hit : hits) {
      if (stop_ && *stop_) {
        throw Error(ErrorCode::Busy,
                    "gallery '" + client_.gallery() + "': stopped before all of it was read");
      }
      const Json& source = source_of(hit);
      const std::int64_t id =
          SearchFields(source, client_.gallery(), std::string("a ") + kind).integer("id", 1);
      const SearchFields read(source, client_.gallery(),
                              std::string(kind) + " " + std::to_string(id));
      if (id <= before) read.fail("is there twice");
      before = id;
      visit(id, read);
    }
    if (hits.size() < page) return;
    query["search_after"] = hits.back().value("sort", Json());
  }
}

}  // namespace facerec
