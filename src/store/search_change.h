// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "search_client.h"
#include "search_state.h"

namespace facerec {

/// A change to a gallery in the making. It holds the lease, so that nobody else changes the gallery
/// meanwhile; one that is destroyed before commit() was not made.
class SearchChange {
 public:
  using Json = nlohmann::json;

  /// Waits for the lease as long as the client's patience says, and clears up what others left.
  /// Throws Error (Busy) where somebody holds it.
  SearchChange(SearchClient& client, const std::atomic<bool>* stop);
  ~SearchChange();
  SearchChange(const SearchChange&) = delete;
  SearchChange& operator=(const SearchChange&) = delete;

  /// As it will be.
  SearchState& state() { return state_; }
  /// As it is: what was found under the lease.
  const SearchState& before() const { return before_; }

  /// Writes a document of the kind; nobody sees it before commit().
  void add(const char* kind, std::int64_t id, Json document);

  /// Makes the change: it is durable and seen by everybody. `people` are those whom it concerns.
  /// Throws Error (Busy) where the lease was lost, and nothing is changed.
  void commit(const std::vector<std::int64_t>& people);
  /// Ends without a change, what was left by others being cleared up.
  void release();

 private:
  using Clock = std::chrono::steady_clock;

  void take_lease();
  bool is_free(const SearchState::Lease& lease);
  void clear_up();
  void remove_documents(const Json& filter);
  void renew();
  void flush();
  void refresh();
  void publish();
  void abandon();
  bool is_stopped() const { return stop_ && *stop_; }
  [[noreturn]] void fail_lost() const;

  SearchClient& client_;
  const std::atomic<bool>* const stop_;
  const std::string holder_;
  SearchState before_;
  SearchState state_;
  SearchClient::Version version_;  ///< of the document with the lease
  Clock::time_point renewed_;
  std::int64_t number_ = 0;
  std::string lines_;  ///< of the next bulk
  bool sent_ = false;  ///< whether there may be documents of this change
  bool done_ = false;

  // of a lease that is waited for
  SearchState::Lease seen_;
  Clock::time_point seen_since_;
};

}  // namespace facerec
