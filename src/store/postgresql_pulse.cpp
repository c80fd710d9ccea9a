// SPDX-License-Identifier: LGPL-2.1-or-later

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "postgresql.h"
#include "stores.h"

namespace facerec {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds patience{5000};
constexpr milliseconds look_interval{100};  ///< at whether to stop
constexpr milliseconds first_pause{250};    ///< before connecting again
constexpr milliseconds longest_pause{4000};

/// Counts the notices of the gallery's writers and the connections over which they come: what was
/// missed between two of these may be a change too.
class PostgresqlPulse final : public GalleryPulse {
 public:
  explicit PostgresqlPulse(const std::string& name)
      : name_(parse_postgresql_name(name)), thread_(&PostgresqlPulse::listen, this) {}

  ~PostgresqlPulse() override {
    {
      const std::lock_guard lock(sleeping_);
      stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }
  PostgresqlPulse(const PostgresqlPulse&) = delete;
  PostgresqlPulse& operator=(const PostgresqlPulse&) = delete;

  std::string now() override { return std::to_string(count_); }

 private:
  void listen() {
    milliseconds pause = first_pause;
    while (!stopping_) {
      try {
        const PgConnection connection(name_, patience, &stopping_);
        connection.execute("LISTEN gst_facerec");
        ++count_;
        pause = first_pause;
        while (!stopping_) {
          if (connection.notice(look_interval) == name_.schema) ++count_;
        }
      } catch (const std::exception&) {
        // The server is away, which whoever opens the gallery is told.
      }
      std::unique_lock lock(sleeping_);
      wake_.wait_for(lock, pause, [this] { return stopping_.load(); });
      pause = std::min(2 * pause, longest_pause);
    }
  }

  const PostgresqlName name_;
  std::atomic<std::int64_t> count_ = 0;
  std::atomic<bool> stopping_ = false;
  std::mutex sleeping_;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<GalleryPulse> postgresql_pulse(const std::string& name) {
  return std::make_unique<PostgresqlPulse>(name);
}

}  // namespace facerec
