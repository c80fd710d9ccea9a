// SPDX-License-Identifier: LGPL-2.1-or-later

#include "gallery_sample.h"

#include <cmath>
#include <map>
#include <utility>

namespace facerec {

namespace {

constexpr std::size_t most_people = 200;

/// A number that looks drawn, the same for an id each time: the finalizer of MurmurHash3.
std::uint64_t drawn(std::int64_t id) {
  auto value = static_cast<std::uint64_t>(id);
  value = (value ^ (value >> 33)) * 0xff51afd7ed558ccdULL;
  value = (value ^ (value >> 33)) * 0xc4ceb9fe1a85ec53ULL;
  return value ^ (value >> 33);
}

}  // namespace

void GallerySample::follow(const Gallery& gallery,
                           const std::optional<std::vector<std::int64_t>>& changed) {
  if (!changed) people_.clear();
  for (const std::int64_t id : changed.value_or(std::vector<std::int64_t>())) people_.erase(id);

  std::map<std::uint64_t, std::int64_t> taken;
  counted_ = 0;
  gallery.visit_people([&](std::int64_t id, const std::string& /*name*/) {
    ++counted_;
    const std::uint64_t place = drawn(id);
    if (taken.size() == most_people && place > taken.rbegin()->first) return;
    taken.emplace(place, id);
    if (taken.size() > most_people) taken.erase(std::prev(taken.end()));
  });

  EnrolledPeople people;
  std::vector<std::int64_t> lacking;
  for (const auto& [place, id] : taken) {
    const auto known = people_.find(id);
    if (known != people_.end()) {
      people.insert(std::move(*known));
    } else {
      lacking.push_back(id);
    }
  }
  people.merge(read_people(gallery, lacking));
  people_ = std::move(people);
}

GallerySize GallerySample::size(Metric metric) const {
  GallerySize size = Matcher({}, people_, metric).size();
  if (people_.empty()) return size;
  const double share = static_cast<double>(people_.size()) / static_cast<double>(counted_);
  const auto of_all = [&](int people) { return static_cast<int>(std::lround(people / share)); };
  size.people = of_all(size.people);
  for (GallerySize::Several& group : size.several) group.people = of_all(group.people);
  return size;
}

}  // namespace facerec
