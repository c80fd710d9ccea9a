// SPDX-License-Identifier: LGPL-2.1-or-later

#include "benchmark_gallery.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iostream>

#include "../evaluate/chart.h"
#include "../match/gallery_indexer.h"
#include "../match/track_decision.h"
#include "../model/catalog.h"
#include "benchmark_output.h"
#include "commands.h"
#include "contact_sheet.h"
#include "drawn_people.h"
#include "measurements.h"
#include "options.h"
#include "output.h"
#include "temporary_folder.h"

namespace facerec::cli {

namespace {

constexpr int templates_each = 4, at_once = 5000, faces_of_a_frame = 20;
constexpr std::size_t probe_count = 1000;
constexpr std::atomic<bool> never = false;

using Clock = std::chrono::steady_clock;

double seconds_of(const std::function<void()>& run) {
  const auto begin = Clock::now();
  run();
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// MiB that this process holds.
double memory() {
  malloc_trim(0);  // what is free does not count
  std::ifstream status("/proc/self/statm");
  long size = 0, resident = 0;
  status >> size >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

/// Up to which verdicts on a face depend on people, by the network whose people are drawn.
double reach_in(const GallerySize& size) {
  static const Profile profile = find_model("facerec-embed", Role::Embedder).profile;
  return reach_of_verdicts(Decision({}, size, std::nullopt, &profile), {});
}

/// A gallery of drawn people that grows.
class GrowingGallery {
 public:
  explicit GrowingGallery(const std::filesystem::path& file) : gallery_(file, StoreMode::Create) {}

  /// Enrols so many templates in all; returns people a second.
  double grow(int templates) {
    const int people = std::max(1, templates / templates_each), before = people_;
    const double seconds = seconds_of([&] {
      while (people_ < people) enroll(std::min(people, people_ + at_once / templates_each));
    });
    return (people - before) / seconds;
  }

  const Gallery& gallery() const { return gallery_; }
  /// Further photos of enrolled people and photos of strangers in turns.
  const std::vector<Embedding>& probes() const { return probes_; }
  static bool is_enrolled(std::size_t probe) { return probe % 2 == 0; }

 private:
  void enroll(int people) {
    std::vector<Enrolment> enrolments;
    for (; people_ < people; ++people_) {
      const auto centre = drawn_.centre();
      Enrolment person{"Person " + std::to_string(people_), {}};
      for (int i = 0; i < templates_each; ++i) {
        person.templates.emplace_back().embedding = drawn_.photo(centre);
      }
      enrolments.push_back(std::move(person));
      if (probes_.size() >= probe_count) continue;
      probes_.push_back(drawn_.photo(centre));
      probes_.push_back(drawn_.photo(drawn_.centre()));
    }
    gallery_.enroll(enrolments);
  }

  Gallery gallery_;
  DrawnPeople drawn_{1};
  std::vector<Embedding> probes_;
  int people_ = 0;
};

/// Milliseconds that a face takes of frames that have so many.
double search_time(const Matcher& matcher, const std::vector<Embedding>& probes, double reach,
                   int faces, double seconds) {
  std::size_t next = 0;
  const Timing timing = measure(seconds, [&] {
    std::vector<const Embedding*> frame;
    frame.reserve(faces);
    for (int face = 0; face < faces; ++face) frame.push_back(&probes[next++ % probes.size()]);
    matcher.nearest(frame, 2, reach);
  });
  return timing.milliseconds / faces;
}

std::vector<Candidate> nearest_people(const Matcher& matcher, const std::vector<Embedding>& probes,
                                      double reach) {
  std::vector<Candidate> people;
  people.reserve(probes.size());
  for (const Embedding& probe : probes) people.push_back(matcher.nearest(probe, 2, reach)[0]);
  return people;
}

/// How a gallery is searched by one kind of index, or without.
class Measurement {
 public:
  Measurement(const GrowingGallery& people, double seconds) : people_(people), seconds_(seconds) {
    const double before = memory();
    reading_ = seconds_of(
        [&] { exact_ = std::make_shared<const Matcher>(people.gallery(), Metric::Cosine); });
    memory_ = memory() - before;
    reach_ = reach_in(exact_->size());
    expected_ = nearest_people(*exact_, people.probes(), reach_);
  }

  Json exact() const {
    Json result = of(*exact_, "exact", memory_);
    result["reading"] = reading_;
    return result;
  }

  Json by(const std::string& kind, double min_recall) const {
    const double before = memory();
    std::shared_ptr<Index> index;
    const double building = seconds_of([&] { index = exact_->build_index(kind, never); });
    const double held = memory() - before;
    const std::string links = exact_->links_of(*index);
    const double loading = seconds_of([&] { exact_->load_index(kind, links, never); });
    const auto matcher = exact_->with_index(index, kind, min_recall);
    Json result = of(*matcher, kind, memory_ + held);
    result["building"] = building;
    result["loading"] = loading;
    result["used"] = matcher->search_caution(reach_).empty();
    result["reaches"] = Json::array();
    for (const Reach& step : matcher->search().reaches) {
      const bool everywhere = step.distance == any_distance;
      result["reaches"].push_back(
          {{"effort", step.effort}, {"distance", everywhere ? Json() : Json(step.distance)}});
    }
    return result;
  }

 private:
  Json of(const Matcher& matcher, const std::string& index, double memory) const {
    const auto found = nearest_people(matcher, people_.probes(), reach_);
    int near = 0, near_found = 0, enrolled = 0, enrolled_found = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
      const bool is_near = expected_[i].distance <= reach_;
      const bool right = found[i].person_id == expected_[i].person_id;
      near += is_near;
      near_found += is_near && right;
      enrolled += GrowingGallery::is_enrolled(i);
      enrolled_found += GrowingGallery::is_enrolled(i) && right;
    }
    return {{"templates", matcher.template_count()},
            {"index", index},
            {"milliseconds", search_time(matcher, people_.probes(), reach_, 1, seconds_)},
            {"milliseconds_of_many",
             search_time(matcher, people_.probes(), reach_, faces_of_a_frame, seconds_)},
            {"reach", reach_},
            {"probes_within_reach", near},
            {"recall", near > 0 ? Json(static_cast<double>(near_found) / near) : Json()},
            {"recall_of_enrolled", static_cast<double>(enrolled_found) / enrolled},
            {"memory", memory}};
  }

  const GrowingGallery& people_;
  double seconds_;
  std::shared_ptr<const Matcher> exact_;
  double reading_ = 0, memory_ = 0, reach_ = 0;
  std::vector<Candidate> expected_;
};

void print_result(const Json& result) {
  std::cout << result["processor"].get<std::string>() << ", people drawn like real ones, "
            << templates_each << " templates of " << DrawnPeople::dimension
            << " values each; a face alone and of " << faces_of_a_frame
            << " in a frame, medians; of the people nearest to faces the share that is found,\n"
               "of those within REACH, on whom verdicts depend, and of those nearest to further "
               "photos\nof enrolled people; memory with the vectors:\n";
  std::vector<std::vector<std::string>> rows{{"TEMPLATES", "INDEX", "MS A FACE", "OF MANY", "REACH",
                                              "RECALL", "ENROLLED", "MIB", "READ S", "BUILT S",
                                              "LOADED S"}};
  for (const Json& entry : result["galleries"]) {
    const auto cell = [&](const char* field) {
      return entry.contains(field) && !entry[field].is_null() ? rounded(entry[field])
                                                              : std::string("-");
    };
    std::string index = entry["index"];
    if (!entry.value("used", true)) index += " (finds too few: exact)";
    rows.push_back({std::to_string(entry["templates"].get<int>()), index, cell("milliseconds"),
                    cell("milliseconds_of_many"), cell("reach"), cell("recall"),
                    cell("recall_of_enrolled"), cell("memory"), cell("reading"), cell("building"),
                    cell("loading")});
  }
  print_table(rows);
}

}  // namespace

int run_benchmark_gallery(int argc, char** argv) {
  bool json = false;
  std::string chart;
  int most = 100'000;
  double seconds = 1, min_recall = IndexOptions().min_recall;
  Parser parser("benchmark gallery",
                "Measures how fast galleries of 1,000 templates and ten times as many up to\n"
                "--templates are searched on this machine, by each index that there is, for the\n"
                "people on whom verdicts depend at the false name rate of 1e-3.");
  parser.integer("templates", "of the largest gallery (100000)", 1000, 100'000'000, most);
  parser.number("min-recall",
                "share of the nearest people within reach of a verdict that an index has to find\n"
                "(0.99)",
                0, 1, [&](double value) { min_recall = value; });
  parser.number("seconds", "how long each search is measured (1)", 0.01, 3600,
                [&](double value) { seconds = value; });
  parser.text("chart", "FILE", "draw the milliseconds a face there, as SVG", chart);
  add_json_option(parser, json);
  parser.parse(argc, argv, 0, 0);

  if (!chart.empty()) write_text(chart, "");
  const TemporaryFolder folder;
  GrowingGallery people(folder / "people.db");
  Json result{{"processor", processor()}, {"galleries", Json::array()}};
  std::vector<Bar> bars;
  const auto add = [&](const Json& entry) {
    result["galleries"].push_back(entry);
    bars.push_back(
        {std::to_string(entry["templates"].get<int>()), entry["index"], entry["milliseconds"]});
  };
  for (long templates = 1000;; templates = std::min<long>(10 * templates, most)) {
    people.grow(static_cast<int>(templates));
    const Measurement measurement(people, seconds);
    add(measurement.exact());
    for (const std::string& kind : index_kinds()) add(measurement.by(kind, min_recall));
    if (templates >= most) break;
  }
  if (!chart.empty()) write_text(chart, bar_chart(processor(), "milliseconds a face", bars));
  if (json) {
    print(result);
  } else {
    print_result(result);
  }
  return exit_yes;
}

}  // namespace facerec::cli
