// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <atomic>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gallery_facts.h"
#include "index.h"
#include "metric.h"
#include "shared_list.h"
#include "template_vectors.h"

namespace facerec {

struct Candidate {
  std::int64_t person_id = 0;
  std::string name;
  double distance = 0;
};

/// How many people a face is compared with, and with how many templates of each.
struct GallerySize {
  /// People of so many templates, more than one.
  struct Several {
    int templates = 0;
    double spread = 0;  ///< mean distance between two of them; NaN where they have no direction
    int people = 1;
  };

  int people = 0;
  std::vector<Several> several;  ///< those of the people who have more than one
};

bool operator==(const GallerySize& a, const GallerySize& b);

constexpr double any_distance = std::numeric_limits<double>::infinity();

/// How far an index was seen to find as many people as are asked for.
struct Reach {
  std::size_t effort = 0;  ///< see Index::near()
  double distance = 0;     ///< up to which it does; any_distance where nobody is too far
};

/// How the nearest people are looked for.
struct SearchFacts {
  std::string index = "exact";  ///< or a kind of Index
  std::vector<Reach> reaches;   ///< of the index: with ever more effort, ever farther
  int templates = 0;            ///< that there were when it was measured
  std::string caution;          ///< for the user: why not by the index that was asked for; or empty
};

/// A gallery's templates in memory, laid out for search. Immutable, so that threads share it.
class Matcher {
 public:
  Matcher(const Gallery& gallery, Metric metric);
  /// Of no gallery: there is nobody who is enrolled.
  explicit Matcher(Metric metric) : metric_(metric) {}
  /// Of some of a gallery's people. `whole` is the size of all of it, null where these are all.
  Matcher(GalleryFacts facts, const EnrolledPeople& people, Metric metric,
          const GallerySize* whole = nullptr);

  /// The matcher of the gallery as it is now: where the gallery's log tells what has changed, it
  /// shares the memory of all other people; `earlier` itself where nothing has. `earlier` may be
  /// null. Throws as the constructor does.
  static std::shared_ptr<const Matcher> follow(const std::shared_ptr<const Matcher>& earlier,
                                               const Gallery& gallery, Metric metric);

  /// The `top_k` nearest people (a person's distance is that of the nearest template), nearest
  /// first; empty for an empty gallery and for a probe that has no direction where the metric
  /// needs one. Throws Error (Mismatch) with both models' names where the probe is of another
  /// model.
  ///
  /// With an index those up to the distance `reach` are found as often as with_index() was asked
  /// for, in place of those who are farther others may be listed: the smaller the reach, the faster
  /// it is. Where the index does not reach so far everybody is compared.
  std::vector<Candidate> nearest(const Embedding& probe, int top_k,
                                 double reach = any_distance) const;

  /// The same for several probes; where everybody is compared that takes little longer than for
  /// one.
  std::vector<std::vector<Candidate>> nearest(const std::vector<const Embedding*>& probes,
                                              int top_k, double reach = any_distance) const;

  /// The person at the distance of the nearest template; empty where the gallery has no such
  /// person. Throws as nearest() does.
  std::optional<Candidate> compare(const Embedding& probe, std::int64_t person_id) const;

  /// Whether the gallery has somebody of that id.
  bool has(std::int64_t person_id) const;

  /// The ids of the people in whom this differs from an earlier one; empty where that is not known.
  std::optional<std::vector<std::int64_t>> changed_since(const Matcher& earlier) const;

  /// Makes this one, of some people, known to changed_since() as what comes after `earlier`:
  /// `changed` are the people who were enrolled, got templates or were removed between.
  void come_after(const Matcher& earlier, const std::vector<std::int64_t>& changed);

  /// Whether both are of a gallery as it stood at one time, of which one may hold more people.
  bool same_gallery(const Matcher& other) const {
    return load_ != 0 && load_ == other.load_ && version_ == other.version_;
  }

  /// An index of all templates; empty once `stop` is true. Takes long where there are many.
  std::shared_ptr<Index> build_index(const std::string& kind, const std::atomic<bool>& stop) const;

  /// The links of an index of these templates, to be saved, and one made of what was saved of this
  /// gallery, earlier maybe: templates that it lacks are added. Throws Error (Read) for damaged
  /// links and where building anew pays.
  std::string links_of(const Index& index) const;
  std::shared_ptr<Index> load_index(const std::string& kind, std::string_view links,
                                    const std::atomic<bool>& stop) const;

  /// This one with an index of its templates, of which it is measured up to which distance it finds
  /// `min_recall` of the people nearest to faces of all kinds, see recall_probes(). Where that is
  /// nowhere so it is searched exactly as before, with a caution unless there are too few for any
  /// index. Takes seven seconds for a million.
  std::shared_ptr<const Matcher> with_index(const std::shared_ptr<Index>& index,
                                            const std::string& kind, double min_recall) const;

  /// This one, measured anew as with_index() does, because people came.
  std::shared_ptr<const Matcher> measured_again(double min_recall) const {
    return with_index(index_, search_.index, min_recall);
  }

  /// This one, searched as an earlier one was found to be best, whose index takes in who has come
  /// since. Null where it is not known what has changed between, or where the index takes no more.
  std::shared_ptr<const Matcher> searched_like(const Matcher& earlier) const;

  const SearchFacts& search() const { return search_; }
  /// How far a search that shall find people up to a distance finds them, at least so far.
  double reach_for(double distance) const;
  /// For the user, where it is not by its index that people up to that distance are looked for, or
  /// not by the one that was asked for; else empty.
  std::string search_caution(double reach) const;
  /// By which it is searched; null where everybody is compared.
  const std::shared_ptr<Index>& index() const { return index_; }
  Metric metric() const { return metric_; }
  /// The model of the templates; empty strings for an empty gallery.
  const ModelId& model() const { return facts_.model; }
  /// Its name for messages.
  const std::string& gallery() const { return facts_.name; }
  /// The model's profile as the gallery knows it; empty where it does not.
  const std::optional<Profile>& profile() const { return facts_.profile; }
  /// Of the gallery, for the metric; empty where it was not calibrated.
  const std::optional<GalleryCalibration>& calibration() const { return facts_.calibration; }
  const GallerySize& size() const { return size_; }
  int person_count() const { return size_.people; }
  /// That it holds.
  int template_count() const { return vectors_.count(); }
  /// Where the gallery's log stood.
  const GalleryPosition& position() const { return facts_.position; }

 private:
  /// Ordered by id; somebody removed stays, without a row.
  struct Owner {
    std::int64_t id = 0;
    std::string name;
    std::vector<int> rows;  ///< in vectors_
  };
  /// People of equally many templates that spread about equally.
  struct Group {
    int people = 0;
    double spreads = 0;  ///< their sum
  };

  /// Whether somebody who is near a probe was found.
  struct Found {
    double squared = 0;  ///< distance
    bool right = false;
  };

  /// False where that cannot be told from the log.
  bool follow(const Gallery& gallery);
  bool replace(const Gallery& gallery, std::int64_t person_id);

  /// Index in people_ of the first of that id or a greater one.
  std::size_t place_of(std::int64_t person_id) const;
  const Owner* find(std::int64_t person_id) const;
  void add_row(std::size_t person, std::int64_t id, const std::vector<float>& values);
  /// The first of the index that is so far; the last one's successor where none is.
  std::vector<Reach>::const_iterator step_for(double distance) const;
  /// Empty where the index finds too few, or not so far.
  std::vector<TemplateVectors::Near> near_by_index(const float* probe, std::size_t most,
                                                   double reach) const;
  /// False where the index takes no more.
  bool put_into(Index& index, int row) const;
  /// Sets how index_ is searched, or drops it.
  void measure(const std::string& kind, double min_recall);
  std::vector<std::vector<std::vector<float>>> some_people() const;
  std::vector<Found> find(const std::vector<float>& probe,
                          const std::vector<TemplateVectors::Near>& nearest,
                          std::size_t effort) const;
  static bool all_right(const std::vector<Found>& found);
  /// Of those that the index finds with that effort.
  std::vector<TemplateVectors::Near> near_of(const float* probe, std::size_t effort,
                                             std::size_t most) const;
  double reach_of(const std::vector<std::vector<Found>>& of_probes, double min_recall) const;
  void forget_old_changes();
  void count(const Owner& person, int sign);
  void sum_up();
  double spread_of(const Owner& person) const;

  void require_comparable(const Embedding& probe) const;
  Candidate candidate(const Owner& person, double squared) const;

  Metric metric_;
  GalleryFacts facts_;
  std::int64_t load_ = 0;           ///< unique within the process; that this follows from
  std::int64_t version_ = 0;        ///< the greater, the later
  std::int64_t first_version_ = 0;  ///< that changes_ reaches back to
  std::vector<std::pair<std::int64_t, std::int64_t>> changes_;  ///< version and person

  TemplateVectors vectors_;  ///< of unit length but for Euclidean; owners count people_
  std::shared_ptr<Index>
      index_;  ///< labelled by row, ahead of this where people have changed since
  SearchFacts search_;
  SharedList<Owner> people_;
  std::map<std::pair<int, long>, Group> groups_;  ///< by templates and spread
  int person_count_ = 0;
  GallerySize size_;
};

}  // namespace facerec
