// SPDX-License-Identifier: LGPL-2.1-or-later

#include "search_change.h"

#include <algorithm>
#include <limits>
#include <random>
#include <thread>

#include "../error.h"

namespace facerec {

namespace {

using Json = nlohmann::json;

/// How long nobody else takes the lease of a program that does not renew it. Longer than one
/// request that writes.
constexpr std::chrono::milliseconds lease_time = std::chrono::seconds(15);
constexpr std::chrono::milliseconds renewal_interval = std::chrono::seconds(3);
constexpr std::chrono::milliseconds wait_interval{50};
/// How long a change that is all written waits for a server that is away.
constexpr std::chrono::milliseconds publish_patience = std::chrono::seconds(10);
constexpr std::size_t bulk_bytes = 512u << 10;
constexpr std::size_t most_deleted = 5'000;      ///< documents at once
constexpr std::size_t most_abandoned = 1'000;    ///< changes that are remembered
constexpr std::size_t most_people = 10'000;      ///< of one change; of more everything is read anew
constexpr std::int64_t forgetting_step = 1'000;  ///< changes

std::int64_t random_number() {
  static thread_local std::random_device device;
  return std::uniform_int_distribution<std::int64_t>(
      std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max())(device);
}

std::string random_name() {
  return std::to_string(static_cast<std::uint64_t>(random_number())) + "-" +
         std::to_string(static_cast<std::uint64_t>(random_number()));
}

std::int64_t milliseconds_now() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

bool contains(const std::vector<std::int64_t>& numbers, std::int64_t number) {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

void add_abandoned(SearchState& state, std::int64_t change) {
  state.abandoned.push_back(change);
  if (state.abandoned.size() > most_abandoned) state.abandoned.erase(state.abandoned.begin());
}

std::string dumped(const Json& json) {
  // The name of a photo's file may be any bytes.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

SearchChange::SearchChange(SearchClient& client, const std::atomic<bool>* stop)
    : client_(client), stop_(stop), holder_(random_name()) {
  take_lease();
  try {
    clear_up();
  } catch (...) {
    abandon();
    throw;
  }
}

SearchChange::~SearchChange() {
  if (!done_) abandon();
}

void SearchChange::take_lease() {
  const auto deadline = Clock::now() + client_.patience();
  for (;;) {
    auto found = client_.get(state_id);
    if (!found) fail_damaged(client_.gallery(), "its state is gone");
    SearchState state = search_state_of(found->source, client_.gallery());
    if (state.lease.holder == holder_) {
      // It was written, and the answer got lost.
      version_ = found->version;
      state_ = std::move(state);
      renewed_ = Clock::now();
      return;
    }
    if (is_free(state.lease)) {
      before_ = state;
      if (!state.lease.holder.empty()) {
        add_abandoned(state, state.lease.change);
        before_.abandoned = state.abandoned;
      }
      number_ = state.next_change++;
      state.lease = {holder_, number_, milliseconds_now() + lease_time.count()};
      if (const auto written = client_.put(state_id, to_json(state), &found->version)) {
        version_ = *written;
        state_ = std::move(state);
        renewed_ = Clock::now();
        return;
      }
    } else if (is_stopped() || Clock::now() > deadline) {
      throw Error(ErrorCode::Busy, "gallery '" + client_.gallery() +
                                       "' is locked by another program that changes it; try "
                                       "again in a moment");
    } else {
      std::this_thread::sleep_for(wait_interval);
    }
  }
}

bool SearchChange::is_free(const SearchState::Lease& lease) {
  if (lease.holder.empty() || lease.until <= milliseconds_now()) return true;
  if (lease.holder != seen_.holder || lease.until != seen_.until) {
    seen_ = lease;
    seen_since_ = Clock::now();
  }
  // The holder's clock may be ahead of this one.
  return Clock::now() - seen_since_ >= lease_time;
}

void SearchChange::clear_up() {
  const bool taken_over = !before_.lease.holder.empty();
  if (!taken_over && state_.removing == 0) return;
  client_.refresh();
  if (taken_over) remove_documents({{"term", {{"change", before_.lease.change}}}});
  if (state_.removing > 0) remove_documents({{"term", {{"person", state_.removing}}}});
  state_.removing = before_.removing = 0;
}

void SearchChange::remove_documents(const Json& filter) {
  const Json kinds{{"terms", {{"kind", {"person", "template", "change"}}}}};
  const Json query{{"size", most_deleted},
                   {"_source", false},
                   {"query", {{"bool", {{"filter", Json::array({filter, kinds})}}}}}};
  for (;;) {
    renew();
    const std::vector<Json> found = client_.search(query);
    if (found.empty()) return;
    std::string lines;
    for (const Json& hit : found) {
      lines += dumped({{"delete", {{"_id", hit.value("_id", "")}}}}) + "\n";
    }
    client_.bulk(lines);
    client_.refresh();
  }
}

void SearchChange::add(const char* kind, std::int64_t id, Json document) {
  document["kind"] = kind;
  document["id"] = id;
  document["change"] = number_;
  const std::string name =
      std::string(kind) + "-" + std::to_string(id) + "-" + std::to_string(number_);
  lines_ += dumped({{"create", {{"_id", name}}}}) + "\n" + dumped(document) + "\n";
  if (lines_.size() >= bulk_bytes) flush();
}

void SearchChange::flush() {
  if (lines_.empty()) return;
  renew();
  sent_ = true;
  client_.bulk(lines_);
  lines_.clear();
}

void SearchChange::renew() {
  if (Clock::now() - renewed_ < renewal_interval) return;
  SearchState held = before_;
  held.next_change = number_ + 1;
  held.lease = {holder_, number_, milliseconds_now() + lease_time.count()};
  const auto written = client_.put(state_id, to_json(held), &version_);
  if (!written) fail_lost();
  version_ = *written;
  renewed_ = Clock::now();
}

void SearchChange::refresh() {
  for (int tries = 0;; ++tries) {
    renew();
    try {
      client_.refresh();
      return;
    } catch (const Error& error) {
      // A server that writes out much goes on with it when it is asked again.
      if (error.code() != ErrorCode::Busy || is_stopped() || tries == 20) throw;
      std::this_thread::sleep_for(wait_interval);
    }
  }
}

void SearchChange::commit(const std::vector<std::int64_t>& people) {
  state_.mark = random_number();
  Json concerned = people.size() <= most_people ? Json(people) : Json();
  add("change", number_, {{"mark", state_.mark}, {"people", std::move(concerned)}});
  flush();
  if (number_ % forgetting_step == 0) {
    const Json filters{{{"term", {{"kind", "change"}}}},
                       {{"range", {{"change", {{"lte", number_ - most_logged}}}}}}};
    remove_documents({{"bool", {{"filter", filters}}}});
  }
  refresh();
  state_.change = number_;
  publish();
}

void SearchChange::release() {
  publish();
}

void SearchChange::publish() {
  state_.lease = {};
  const bool changes = state_.change == number_;
  const Json document = to_json(state_);
  const auto deadline = Clock::now() + publish_patience;
  bool lost = false;
  while (!done_ && !lost) {
    try {
      if (client_.put(state_id, document, &version_)) break;
      const auto found = client_.get(state_id);
      if (!found) fail_damaged(client_.gallery(), "its state is gone");
      const SearchState now = search_state_of(found->source, client_.gallery());
      // It may have been made, and the answer have got lost.
      done_ = changes && now.change >= number_ && !contains(now.abandoned, number_);
      lost = !done_ && now.lease.holder != holder_;
      version_ = found->version;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::Busy) throw;
      if (is_stopped() || Clock::now() > deadline) {
        throw Error(ErrorCode::Busy,
                    std::string(error.what()) +
                        " (whether the change was made is not known; `facerec list` shows it)");
      }
      std::this_thread::sleep_for(wait_interval);
    }
  }
  if (lost) fail_lost();
  done_ = true;
}

void SearchChange::abandon() {
  done_ = true;
  try {
    before_.next_change = number_ + 1;
    before_.lease = {};
    if (!contains(before_.abandoned, number_)) add_abandoned(before_, number_);
    if (!client_.put(state_id, to_json(before_), &version_) || !sent_) return;
    client_.refresh();
    renewed_ = Clock::now();
    remove_documents({{"term", {{"change", number_}}}});
  } catch (const std::exception&) {
    // The lease runs out, and who takes it over clears up.
  }
}

void SearchChange::fail_lost() const {
  throw Error(ErrorCode::Busy, "gallery '" + client_.gallery() +
                                   "' was taken over by another program before the change was "
                                   "complete, and nothing was changed; try again");
}

}  // namespace facerec
