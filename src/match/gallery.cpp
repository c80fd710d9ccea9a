// SPDX-License-Identifier: LGPL-2.1-or-later

#include "gallery.h"

#include <algorithm>
#include <cmath>

#include "../error.h"
#include "../model/catalog.h"
#include "../store/person_name.h"

namespace facerec {

namespace {

void check_embedding(const Embedding& embedding) {
  if (embedding.values.empty() || !is_finite(embedding.values)) {
    throw Error(ErrorCode::Settings, "the embedding of model '" + embedding.model +
                                         "' is empty or not finite and cannot be enrolled; check "
                                         "the model with another photo");
  }
}

StoredModel model_of(const Embedding& embedding, const ModelFacts* facts) {
  StoredModel model;
  model.id = {embedding.model, embedding.fingerprint};
  model.dimension = static_cast<int>(embedding.values.size());
  model.unit_length = embedding.unit_length;
  if (facts) {
    model.location = facts->location;
    model.profile = to_json(facts->profile);
  }
  return model;
}

}  // namespace

std::int64_t Gallery::enroll(const std::string& name, const std::vector<Template>& entries,
                             const ModelFacts* facts) {
  return add({{name, entries}}, facts).front();
}

std::vector<std::int64_t> Gallery::add(const std::vector<Enrolment>& people,
                                       const ModelFacts* facts) {
  std::vector<StoredPerson> stored;
  stored.reserve(people.size());
  std::optional<StoredModel> model;
  for (const Enrolment& person : people) {
    stored.push_back({shown_name(person.name), name_key(person.name), person.templates});
    for (const Template& entry : person.templates) {
      check_embedding(entry.embedding);
      if (!model) model = model_of(entry.embedding, facts);
      require_model(model_of(entry.embedding, nullptr), *model, this->name());
    }
  }
  return store_->enroll(stored, model ? &*model : nullptr);
}

void Gallery::remove(const std::string& name) {
  if (store_->remove(name_key(name))) return;
  throw Error(ErrorCode::NotFound, "nobody is called '" + name + "' in gallery '" + this->name() +
                                       "'; `facerec list` shows who is there");
}

std::vector<Person> Gallery::people() const {
  std::vector<Person> result = store_->people();
  std::sort(result.begin(), result.end(),
            [](const Person& a, const Person& b) { return a.name < b.name; });
  return result;
}

std::vector<Template> Gallery::templates() const {
  std::vector<Template> result;
  visit([&](const std::string&, const Template& entry) { result.push_back(entry); });
  return result;
}

std::optional<std::string> Gallery::name_of(std::int64_t person_id) const {
  const std::vector<std::int64_t> wanted{person_id};
  std::optional<std::string> result;
  visit_people([&](std::int64_t /*id*/, const std::string& name) { result = name; }, &wanted);
  return result;
}

ModelId Gallery::model() const {
  const auto model = store_->model();
  return model ? model->id : ModelId();
}

std::optional<ModelFacts> Gallery::facts() const {
  const auto model = store_->model();
  if (!model) return std::nullopt;
  if (!model->profile.empty()) {
    try {
      return ModelFacts{parse_profile(model->profile, "the profile of its model"), model->location};
    } catch (const Error& error) {
      fail_damaged(name(), error.what());
    }
  }
  std::optional<Profile> profile = find_profile(model->id.name, Role::Embedder);
  if (!profile) return std::nullopt;
  return ModelFacts{std::move(*profile), model->id.name};
}

void Gallery::calibrate(Metric metric, const GalleryCalibration& calibration) {
  if (model().fingerprint.empty()) {
    throw Error(ErrorCode::Settings,
                "gallery '" + name() + "' is empty and cannot be calibrated; enroll people first");
  }
  store_->calibrate(to_string(metric), {calibration.false_accept_rate, calibration.threshold,
                                        to_json(calibration.curve)});
}

std::optional<GalleryCalibration> Gallery::calibration(Metric metric) const {
  const auto stored = store_->calibration(to_string(metric));
  if (!stored) return std::nullopt;
  const std::string remedy = "; calibrate it anew with `facerec calibrate`";
  const double rate = stored->false_accept_rate, threshold = stored->threshold;
  if (!(rate > 0 && rate < 1) || !std::isfinite(threshold)) {
    throw Error(ErrorCode::Read, "gallery '" + name() +
                                     "' holds a calibration whose rate or threshold is no such "
                                     "number" +
                                     remedy);
  }
  try {
    return GalleryCalibration{rate, threshold, calibration_from_json(stored->curve)};
  } catch (const Error& error) {
    throw Error(ErrorCode::Read,
                "gallery '" + name() + "' holds a damaged calibration: " + error.what() + remedy);
  }
}

}  // namespace facerec
