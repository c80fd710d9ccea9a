// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "search_client.h"
#include "search_state.h"

namespace facerec {

/// The state as it is now. Throws Error (Read) where it is damaged or gone.
SearchState current_state(SearchClient& client);

/// A gallery as it stands at one moment: a view of the index, and the state that belongs to it.
class SearchMoment {
 public:
  /// `stop` as StoreOptions has it. Throws Error (Busy) where the gallery does not stay as it is
  /// for long enough.
  SearchMoment(SearchClient& client, const std::atomic<bool>* stop);
  ~SearchMoment() { client_.close_moment(view_); }
  SearchMoment(const SearchMoment&) = delete;
  SearchMoment& operator=(const SearchMoment&) = delete;

  const SearchState& state() const { return state_; }

  /// Calls `visit` with the `fields` of all documents of a kind in the order of their ids.
  void each(const char* kind, const std::vector<const char*>& fields, const nlohmann::json& filters,
            const std::function<void(std::int64_t id, const SearchFields& fields)>& visit) const;

 private:
  SearchClient& client_;
  const std::atomic<bool>* const stop_;
  SearchState state_;
  std::string view_;
};

}  // namespace facerec
