// SPDX-License-Identifier: LGPL-2.1-or-later

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include "../error.h"
#include "../model/digest.h"
#include "gallery_name.h"
#include "person_name.h"
#include "search_change.h"
#include "search_client.h"
#include "search_moment.h"
#include "search_neighbours.h"
#include "search_state.h"
#include "stores.h"

namespace facerec {

namespace {

using Json = nlohmann::json;

constexpr std::size_t most_keys = 1'000;  ///< that are looked for at once
constexpr std::chrono::milliseconds creation_interval{20};
constexpr std::chrono::seconds least_patience{1};  ///< with an index that is being made
constexpr std::chrono::milliseconds pulse_patience{200};

Json term(const char* field, const Json& value) {
  return {{"term", {{field, value}}}};
}

/// A filter of those documents; none where all are wanted.
Json of_ids(const char* field, const std::vector<std::int64_t>* ids) {
  if (!ids) return Json::array();
  return Json::array({{{"terms", {{field, *ids}}}}});
}

/// What the others say of a field that is not there is that it is damaged.
Json index_mappings() {
  Json properties;
  for (const char* number : {"id", "person", "change"}) properties[number] = {{"type", "long"}};
  for (const char* word : {"kind", "key"}) properties[word] = {{"type", "keyword"}};
  return {{"dynamic", false},
          {"_meta", {{"application", search_application}}},
          {"_source", {{"excludes", {"direction_*"}}}},
          {"properties", properties}};
}

/// One index of an OpenSearch or Elasticsearch server. Documents of people, templates and changes
/// are never altered; see SearchState for how they come to count.
class SearchStore final : public GalleryStore {
 public:
  SearchStore(const std::string& uri, const StoreOptions& options);

  const std::string& name() const override { return name_; }
  std::optional<StoredModel> model() const override { return state().model; }
  std::vector<std::int64_t> enroll(const std::vector<StoredPerson>& people,
                                   const StoredModel* model) override;
  bool remove(const std::string& key) override;
  void calibrate(const std::string& metric, const StoredCalibration& calibration) override;
  std::optional<StoredCalibration> calibration(const std::string& metric) const override;
  void at_one_moment(const std::function<void()>& read) const override;
  std::vector<Person> people() const override;
  void visit_people(const std::function<void(std::int64_t id, const std::string& name)>& visit,
                    const std::vector<std::int64_t>* of_people) const override;
  void visit_embeddings(const std::function<void(std::int64_t id, std::int64_t person_id,
                                                 const std::vector<float>& values)>& visit,
                        const std::vector<std::int64_t>* of_people) const override;
  void visit(
      const std::function<void(const std::string& name, const Template&)>& visit) const override;
  GalleryPosition position() const override;
  std::optional<std::vector<std::int64_t>> changed_since(
      const GalleryPosition& position) const override;
  std::optional<std::vector<StoredNeighbour>> nearest(const std::vector<float>& probe,
                                                      const std::string& metric,
                                                      int people) const override;

 private:
  using Ids = std::map<std::string, std::int64_t>;

  void open();
  void create_index();
  void create_state();
  void require_writable() const;

  SearchState state() const { return moment_ ? moment_->state() : current_state(client_); }
  /// The one of at_one_moment(), or of now.
  std::shared_ptr<const SearchMoment> moment() const {
    return moment_ ? moment_ : std::make_shared<const SearchMoment>(client_, stop_);
  }
  void require_count(const char* kind, std::int64_t found, std::int64_t counted) const;
  void visit_people(const SearchMoment& moment,
                    const std::function<void(std::int64_t id, const std::string& name)>& visit,
                    const std::vector<std::int64_t>* of_people) const;

  // with the lease
  Ids known(const SearchChange& change, const std::vector<StoredPerson>& people) const;
  void take_model(SearchChange& change, const StoredModel& wanted) const;
  static void add_template(SearchChange& change, std::int64_t person_id, const Template& entry);

  const SearchUri uri_;
  const std::string name_;
  const StoreMode mode_;
  const std::atomic<bool>* const stop_;
  mutable SearchClient client_;
  mutable std::shared_ptr<const SearchMoment> moment_;
};

SearchStore::SearchStore(const std::string& uri, const StoreOptions& options)
    : uri_(parse_search_uri(uri)),
      name_(without_password(uri)),
      mode_(options.mode),
      stop_(options.stop),
      client_(uri_, name_, options.patience, options.stop) {
  const auto deadline = std::chrono::steady_clock::now() +
                        std::max<std::chrono::milliseconds>(options.patience, least_patience);
  for (;;) {
    try {
      open();
      return;
    } catch (const Error& error) {
      // An index that somebody has just made is not ready at once.
      const bool missing = error.code() == ErrorCode::NotFound;
      const bool soon = missing || error.code() == ErrorCode::Busy;
      const bool late = std::chrono::steady_clock::now() > deadline;
      if (mode_ != StoreMode::Create || !soon || late) throw;
      if (missing) create_index();
    }
    std::this_thread::sleep_for(creation_interval);
  }
}

void SearchStore::open() {
  if (const auto found = client_.get(state_id)) {
    search_state_of(found->source, name_);
    return;
  }
  const Json meta = client_.mappings().value("_meta", Json());
  if (!meta.is_object() || meta.value("application", Json()) != search_application) {
    fail_no_gallery(name_);
  }
  // Whoever made the index came no further.
  if (mode_ != StoreMode::Create) {
    throw Error(ErrorCode::NotFound, "gallery '" + name_ +
                                         "' is empty; make it with `facerec enroll`, or correct "
                                         "the name");
  }
  create_state();
}

void SearchStore::create_index() {
  Json settings{{"index.translog.durability", "request"}};
  if (uri_.shards) settings["index.number_of_shards"] = *uri_.shards;
  if (uri_.replicas) settings["index.number_of_replicas"] = *uri_.replicas;
  if (!client_.is_elasticsearch()) settings["index.knn"] = true;
  client_.create(settings, index_mappings());
}

void SearchStore::create_state() {
  // Where another was faster, it is that one's.
  client_.put(state_id, to_json(SearchState()), nullptr);
}

SearchStore::Ids SearchStore::known(const SearchChange& change,
                                    const std::vector<StoredPerson>& people) const {
  Ids ids;
  for (std::size_t begin = 0; begin < people.size(); begin += most_keys) {
    const std::size_t end = std::min(begin + most_keys, people.size());
    std::vector<std::string> keys;
    for (std::size_t i = begin; i < end; ++i) keys.push_back(sha256(people[i].key));
    const Json filters = Json::array({{{"terms", {{"key", keys}}}}});
    const Json query{{"size", keys.size()},
                     {"_source", {"id", "key"}},
                     {"query", visible(change.before(), "person", filters)}};
    for (const Json& hit : client_.search(query)) {
      const Json& source = source_of(hit);
      const SearchFields fields(source, name_, "a person");
      ids[fields.text("key")] = fields.integer("id", 1);
    }
  }
  return ids;
}

std::vector<std::int64_t> SearchStore::enroll(const std::vector<StoredPerson>& people,
                                              const StoredModel* model) {
  require_writable();
  SearchChange change(client_, stop_);
  if (model) take_model(change, *model);
  Ids ids = known(change, people);
  std::vector<std::int64_t> result;
  for (const StoredPerson& person : people) {
    const std::string key = sha256(person.key);
    const auto [found, is_new] = ids.emplace(key, change.state().next_person);
    const std::int64_t id = found->second;
    if (is_new) {
      ++change.state().next_person;
      ++change.state().people;
      change.add("person", id, {{"person", id}, {"name", person.name}, {"key", key}});
    }
    for (const Template& entry : person.templates) add_template(change, id, entry);
    result.push_back(id);
  }
  const std::set<std::int64_t> concerned(result.begin(), result.end());
  change.commit({concerned.begin(), concerned.end()});
  return result;
}

void SearchStore::take_model(SearchChange& change, const StoredModel& wanted) const {
  SearchState& state = change.state();
  if (state.model) {
    require_model(wanted, *state.model, name_);
    if (wanted.profile.empty()) return;
    state.model->location = wanted.location;
    state.model->profile = wanted.profile;
    return;
  }
  state.model = wanted;
  state.vector_field = "direction_" + std::to_string(wanted.dimension);
  const Json field = vector_mapping(client_.is_elasticsearch(), wanted.dimension);
  if (!client_.add_fields({{state.vector_field, field}})) state.vector_field.clear();
}

void SearchStore::add_template(SearchChange& change, std::int64_t person_id,
                               const Template& entry) {
  SearchState& state = change.state();
  Json document{{"person", person_id},
                {"values", to_base64(to_blob(entry.embedding.values))},
                {"source", entry.source},
                {"eye_distance", entry.quality.eye_distance},
                {"sharpness", entry.quality.sharpness},
                {"roll", entry.quality.roll},
                {"yaw", entry.quality.yaw},
                {"time", entry.time}};
  if (!state.vector_field.empty()) {
    std::vector<float> direction = direction_of(entry.embedding.values);
    if (!direction.empty()) document[state.vector_field] = std::move(direction);
  }
  change.add("template", state.next_template++, std::move(document));
  ++state.templates;
}

bool SearchStore::remove(const std::string& key) {
  require_writable();
  {
    SearchChange change(client_, stop_);
    const Ids ids = known(change, {{"", key, {}}});
    if (ids.empty()) {
      change.release();
      return false;
    }
    SearchState& state = change.state();
    const std::int64_t id = ids.begin()->second;
    std::int64_t templates = 0;
    SearchMoment(client_, stop_)
        .each("template", {"id"}, Json::array({term("person", id)}),
              [&](std::int64_t, const SearchFields&) { ++templates; });
    --state.people;
    state.templates -= templates;
    if (state.templates == 0) {
      state.model.reset();
      state.vector_field.clear();
      state.calibrations.clear();
    }
    state.removing = id;
    change.commit({id});
  }
  try {
    SearchChange(client_, stop_).release();
  } catch (const Error&) {
    // Nobody sees the documents any more; the next change removes them.
  }
  return true;
}

void SearchStore::calibrate(const std::string& metric, const StoredCalibration& calibration) {
  require_writable();
  SearchChange change(client_, stop_);
  change.state().calibrations[metric] = calibration;
  change.commit({});
}

std::optional<StoredCalibration> SearchStore::calibration(const std::string& metric) const {
  const SearchState now = state();
  const auto found = now.calibrations.find(metric);
  if (found == now.calibrations.end()) return std::nullopt;
  return found->second;
}

void SearchStore::at_one_moment(const std::function<void()>& read) const {
  struct Forget {
    std::shared_ptr<const SearchMoment>& moment;
    ~Forget() { moment.reset(); }
  };
  moment_ = std::make_shared<const SearchMoment>(client_, stop_);
  const Forget forget{moment_};
  read();
}

void SearchStore::require_writable() const {
  if (mode_ != StoreMode::ReadOnly) return;
  throw Error(ErrorCode::Write, "gallery '" + name_ + "' is open for reading only");
}

void SearchStore::require_count(const char* kind, std::int64_t found, std::int64_t counted) const {
  if (found == counted) return;
  fail_damaged(name_, "of " + std::to_string(counted) + " " + kind + " " + std::to_string(found) +
                          " are there");
}

std::vector<Person> SearchStore::people() const {
  const auto moment = this->moment();
  std::map<std::int64_t, Person> by_id;
  visit_people(
      *moment,
      [&](std::int64_t id, const std::string& name) {
        by_id[id] = {id, name};
      },
      nullptr);
  std::int64_t count = 0;
  moment->each("template", {"id", "person"}, Json::array(),
               [&](std::int64_t, const SearchFields& fields) {
                 const auto person = by_id.find(fields.integer("person", 1));
                 if (person == by_id.end()) fields.fail("is of nobody");
                 ++person->second.template_count;
                 ++count;
               });
  require_count("templates", count, moment->state().templates);
  std::vector<Person> result;
  result.reserve(by_id.size());
  for (auto& [id, person] : by_id) result.push_back(std::move(person));
  return result;
}

void SearchStore::visit_people(
    const std::function<void(std::int64_t id, const std::string& name)>& visit,
    const std::vector<std::int64_t>* of_people) const {
  visit_people(*moment(), visit, of_people);
}

void SearchStore::visit_people(
    const SearchMoment& moment,
    const std::function<void(std::int64_t id, const std::string& name)>& visit,
    const std::vector<std::int64_t>* of_people) const {
  std::int64_t count = 0;
  moment.each("person", {"id", "name"}, of_ids("id", of_people),
              [&](std::int64_t id, const SearchFields& fields) {
                const std::string& name = fields.text("name");
                if (!is_name(name)) fields.fail("has no name");
                ++count;
                visit(id, name);
              });
  if (!of_people) require_count("people", count, moment.state().people);
}

void SearchStore::visit_embeddings(
    const std::function<void(std::int64_t id, std::int64_t person_id,
                             const std::vector<float>& values)>& visit,
    const std::vector<std::int64_t>* of_people) const {
  const auto moment = this->moment();
  std::vector<float> values;
  std::int64_t count = 0;
  moment->each("template", {"id", "person", "values"}, of_ids("person", of_people),
               [&](std::int64_t id, const SearchFields& fields) {
                 read_values(fields, id, moment->state(), name_, values);
                 ++count;
                 visit(id, fields.integer("person", 1), values);
               });
  if (!of_people) require_count("templates", count, moment->state().templates);
}

void SearchStore::visit(
    const std::function<void(const std::string& name, const Template&)>& visit) const {
  const auto moment = this->moment();
  const SearchState& state = moment->state();
  std::map<std::int64_t, std::string> names;
  visit_people(
      *moment, [&](std::int64_t id, const std::string& name) { names[id] = name; }, nullptr);
  Template entry;
  if (state.model) {
    entry.embedding.model = state.model->id.name;
    entry.embedding.fingerprint = state.model->id.fingerprint;
    entry.embedding.unit_length = state.model->unit_length;
  }
  std::int64_t count = 0;
  moment->each(
      "template",
      {"id", "person", "values", "source", "eye_distance", "sharpness", "roll", "yaw", "time"},
      Json::array(), [&](std::int64_t id, const SearchFields& fields) {
        entry.id = id;
        entry.person_id = fields.integer("person", 1);
        read_values(fields, id, state, name_, entry.embedding.values);
        entry.source = fields.text("source");
        const auto measure = [&](const char* name) {
          return static_cast<float>(fields.number(name));
        };
        entry.quality = {measure("eye_distance"), measure("sharpness"), measure("roll"),
                         measure("yaw")};
        entry.time = fields.integer("time", std::numeric_limits<std::int64_t>::min());
        const auto name = names.find(entry.person_id);
        if (name == names.end()) fields.fail("is of nobody");
        ++count;
        visit(name->second, entry);
      });
  require_count("templates", count, state.templates);
}

GalleryPosition SearchStore::position() const {
  const SearchState now = state();
  return {now.change, now.mark};
}

std::optional<std::vector<std::int64_t>> SearchStore::changed_since(
    const GalleryPosition& position) const {
  const auto moment = this->moment();
  const Json filters = Json::array({{{"range", {{"id", {{"gte", position.sequence}}}}}}});
  std::set<std::int64_t> people;
  bool known = false, told = true;
  moment->each("change", {"id", "mark", "people"}, filters,
               [&](std::int64_t id, const SearchFields& fields) {
                 if (id == position.sequence) {
                   known = fields.integer("mark", std::numeric_limits<std::int64_t>::min()) ==
                           position.mark;
                   return;
                 }
                 const Json& concerned = fields.field("people");
                 told = told && concerned.is_array();
                 for (const Json& person : concerned) {
                   if (!person.is_number_integer()) fields.fail("is of nobody");
                   people.insert(person.get<std::int64_t>());
                 }
               });
  if (!known || !told) return std::nullopt;
  return std::vector<std::int64_t>(people.begin(), people.end());
}

std::optional<std::vector<StoredNeighbour>> SearchStore::nearest(const std::vector<float>& probe,
                                                                 const std::string& metric,
                                                                 int people) const {
  return nearest_people(client_, state(), probe, metric, people);
}

/// Which change is the gallery's last.
class SearchPulse final : public GalleryPulse {
 public:
  explicit SearchPulse(const std::string& uri)
      : client_(parse_search_uri(uri), without_password(uri), pulse_patience, nullptr) {}

  std::string now() override {
    try {
      const SearchState state = current_state(client_);
      last_ = std::to_string(state.change) + " " + std::to_string(state.mark);
    } catch (const Error& error) {
      // A server that is away says nothing of the gallery.
      if (error.code() != ErrorCode::Busy) last_ = error.what();
    }
    return last_;
  }

 private:
  SearchClient client_;
  std::string last_;
};

}  // namespace

std::unique_ptr<GalleryStore> open_search(const std::string& name, const StoreOptions& options) {
  return std::make_unique<SearchStore>(name, options);
}

std::unique_ptr<GalleryPulse> search_pulse(const std::string& name) {
  return std::make_unique<SearchPulse>(name);
}

}  // namespace facerec
