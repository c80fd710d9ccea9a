// SPDX-License-Identifier: LGPL-2.1-or-later

// What a large gallery costs: enrolling into it, reading it, memory, and how soon a
// running pipeline sees whom another process enrols or removes, while the pipeline's frames wait
// for nothing.
//
//     gallery_scale [TEMPLATES]

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <opencv2/core.hpp>
#include <thread>

#include "cli/drawn_people.h"
#include "match/gallery_watch.h"
#include "temporary_folder.h"

using namespace facerec;
using cli::DrawnPeople;

namespace {

constexpr int templates_each = 4, at_once = 1000;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

double timed(const std::function<void()>& run) {
  const auto begin = Clock::now();
  run();
  return seconds_since(begin);
}

/// MiB of this process: "VmRSS" now, "VmHWM" at most.
double memory(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind(field + ":", 0) == 0) return std::stod(line.substr(field.size() + 1)) / 1024;
  }
  return 0;
}

std::vector<Template> photos(DrawnPeople& drawn, const DrawnPeople::Values& centre) {
  std::vector<Template> result(templates_each);
  for (Template& entry : result) entry.embedding = drawn.photo(centre);
  return result;
}

/// Another process, as `facerec enroll` is, that does `work` when it is told to. It begins while
/// this one is small: the fork of a large one holds up its threads.
class OtherProcess {
 public:
  explicit OtherProcess(const std::function<void(bool)>& work) {
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends_) != 0) std::exit(1);
    child_ = fork();
    if (child_ < 0) std::exit(1);
    if (child_ > 0) {
      close(ends_[1]);
      return;
    }
    close(ends_[0]);
    for (bool what = false; read(ends_[1], &what, 1) == 1;) {
      work(what);
      if (write(ends_[1], &what, 1) != 1) break;
    }
    _exit(0);
  }
  ~OtherProcess() {
    close(ends_[0]);
    waitpid(child_, nullptr, 0);
  }
  OtherProcess(const OtherProcess&) = delete;
  OtherProcess& operator=(const OtherProcess&) = delete;

  /// Until it is done.
  void tell(bool what) const {
    if (write(ends_[0], &what, 1) != 1 || read(ends_[0], &what, 1) != 1) std::exit(1);
  }

 private:
  int ends_[2]{};
  pid_t child_ = 0;
};

/// As far as the index finds people with the least effort, which is beyond the threshold of so
/// many.
double reach_of(const Matcher& matcher) {
  const auto& reaches = matcher.search().reaches;
  return reaches.empty() ? any_distance : reaches.front().distance;
}

/// Asks for the nearest people every millisecond, as frames do; how long the slowest waited.
class Frames {
 public:
  Frames(const GalleryWatch& watch, const Embedding& probe)
      : thread_([this, &watch, &probe] {
          while (!stop_) {
            const auto begin = Clock::now();
            const auto matcher = watch.matcher();
            waited_ = std::max(waited_, seconds_since(begin));
            matcher->nearest(probe, 2, reach_of(*matcher));
            took_.push_back(seconds_since(begin));
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
          }
        }) {}
  ~Frames() {
    stop_ = true;
    thread_.join();
    std::sort(took_.begin(), took_.end());
    std::printf(
        "  %zu searches meanwhile: %.2f ms (median), %.2f (99 %%), %.2f at most; the matcher was "
        "there after %.3f ms\n",
        took_.size(), 1e3 * took_[took_.size() / 2], 1e3 * took_[took_.size() * 99 / 100],
        1e3 * took_.back(), 1e3 * waited_);
  }

 private:
  std::atomic<bool> stop_ = false;
  double waited_ = 0;
  std::vector<double> took_;
  std::thread thread_;
};

double until(const GalleryWatch& watch, int people) {
  return timed([&] {
    while (watch.matcher()->person_count() != people) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
}

void newcomer_comes_and_goes(const GalleryWatch& watch, const OtherProcess& other, int people,
                             const Embedding& probe) {
  for (const bool enrol : {true, false}) {
    const Frames frames(watch, probe);
    other.tell(enrol);
    std::printf("%s is seen after %.2f s\n", enrol ? "an enrolment" : "a removal",
                until(watch, people + (enrol ? 1 : 0)));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int people = std::max(1, (argc > 1 ? std::atoi(argv[1]) : 100'000) / templates_each);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);  // it takes minutes, so that one looks at its file
  const TemporaryFolder folder;
  const auto file = folder / "people.db";
  cv::setNumThreads(1);
  DrawnPeople drawn(1);
  const OtherProcess other([&](bool enrol) {
    Gallery gallery(file, Gallery::Mode::ReadWrite);
    enrol ? (void)gallery.enroll("Newcomer", photos(drawn, drawn.centre()))
          : gallery.remove("Newcomer");
  });

  const double enrolling = timed([&] {
    Gallery gallery(file, Gallery::Mode::Create);
    for (int i = 0; i < people;) {
      std::vector<Enrolment> batch;
      for (const int end = std::min(people, i + at_once); i < end; ++i) {
        batch.push_back({"Person " + std::to_string(i), photos(drawn, drawn.centre())});
      }
      gallery.enroll(batch);
    }
  });
  const double vectors = people * templates_each * DrawnPeople::dimension * 4.0 / (1 << 20);
  std::printf("%d people of %d templates, %d values each: %.1f MiB of vectors, %.1f MiB of file\n",
              people, templates_each, DrawnPeople::dimension, vectors,
              static_cast<double>(std::filesystem::file_size(file)) / (1 << 20));
  std::printf("enrolled at %.0f people a second\n", people / enrolling);

  const double before = memory("VmRSS");
  std::optional<GalleryWatch> watch;
  const double reading = timed([&] { watch.emplace(file, Metric::Cosine, nullptr); });
  std::printf("read in %.2f s; %.1f MiB, %.2f times the vectors\n", reading,
              memory("VmRSS") - before, (memory("VmRSS") - before) / vectors);

  const Embedding probe = drawn.photo(drawn.centre());
  newcomer_comes_and_goes(*watch, other, people, probe);
  std::printf("memory at most %.1f MiB, %.2f times the vectors\n", memory("VmHWM") - before,
              (memory("VmHWM") - before) / vectors);

  for (const std::string& kind : index_kinds()) {
    for (const char* how : {"built", "read from its file"}) {
      watch.reset();
      const double starting = timed([&] {
        watch.emplace(file, Metric::Cosine, nullptr, nullptr, IndexOptions{kind, 0.99});
      });
      const double indexing = timed([&] {
        while (watch->matcher()->search().templates == 0) {
          std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
      });
      const SearchFacts& search = watch->matcher()->search();
      std::printf("%s: started in %.2f s, %s after %.1f s more\n", search.index.c_str(), starting,
                  how, indexing);
      for (const Reach& reach : search.reaches) {
        std::printf("  effort %zu finds people up to the distance %.3f\n", reach.effort,
                    reach.distance);
      }
      if (!search.caution.empty()) std::printf("%s\n", search.caution.c_str());
    }
    newcomer_comes_and_goes(*watch, other, people, probe);
    std::printf("memory %.1f MiB, %.2f times the vectors\n", memory("VmRSS") - before,
                (memory("VmRSS") - before) / vectors);
  }
}
