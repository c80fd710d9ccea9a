// SPDX-License-Identifier: LGPL-2.1-or-later

#include "pairs.h"

#include <algorithm>
#include <cstdio>

#include "../error.h"
#include "table.h"

namespace facerec {

namespace fs = std::filesystem;

namespace {

std::vector<LabelledPair> read_csv(const fs::path& file, const fs::path& images) {
  Table table(file, {"image_a", "image_b", "same"}, "fold,image_a,image_b,same");
  std::vector<LabelledPair> pairs;
  while (table.next()) {
    const int same = table.whole_number("same");
    if (same > 1) table.fail("\"same\" should be 0 or 1");
    pairs.push_back({images / table["image_a"], images / table["image_b"], same == 1,
                     table.has("fold") ? table.whole_number("fold") : 1});
  }
  return pairs;
}

fs::path lfw_picture(const fs::path& images, const std::string& name, int number) {
  char suffix[16];
  std::snprintf(suffix, sizeof suffix, "_%04d.jpg", number);
  return images / name / (name + suffix);
}

std::vector<LabelledPair> read_lfw(const fs::path& file, const fs::path& images) {
  Lines lines(file);
  std::string text;
  if (!lines.next(text)) lines.fail("the file is empty");
  const std::vector<std::string> head = split(text, '\t');
  const int folds = head.size() > 1 ? lines.whole_number(head[0]) : 1;
  const int half = lines.whole_number(head.back());
  if (folds < 1 || half < 1) lines.fail("it should hold the number of folds and of pairs");
  std::vector<LabelledPair> pairs;
  while (lines.next(text)) {
    const std::vector<std::string> f = split(text, '\t');
    const int fold = std::min(folds, static_cast<int>(pairs.size()) / (2 * half) + 1);
    const auto number = [&](std::size_t i) { return lines.whole_number(f[i]); };
    if (f.size() == 3)
      pairs.push_back(
          {lfw_picture(images, f[0], number(1)), lfw_picture(images, f[0], number(2)), true, fold});
    else if (f.size() == 4)
      pairs.push_back({lfw_picture(images, f[0], number(1)), lfw_picture(images, f[2], number(3)),
                       false, fold});
    else
      lines.fail("it should read NAME, N, M or NAME, N, OTHER, M with tabs");
  }
  return pairs;
}

std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::vector<fs::path> entries(fs::directory_iterator(folder), fs::directory_iterator{});
  std::sort(entries.begin(), entries.end());
  return entries;
}

std::vector<LabelledPair> pairs_of_people(const fs::path& folder, int folds) {
  const std::vector<Picture> pictures = read_people(folder);
  std::vector<LabelledPair> pairs;
  for (std::size_t i = 0; i < pictures.size(); ++i)
    for (std::size_t j = i + 1; j < pictures.size(); ++j)
      pairs.push_back({pictures[i].file, pictures[j].file, pictures[i].person == pictures[j].person,
                       pictures[i].person % folds + 1});
  return pairs;
}

}  // namespace

std::vector<Picture> read_people(const fs::path& folder) {
  std::vector<Picture> pictures;
  int people = 0;
  for (const fs::path& person : sorted_entries(folder)) {
    if (!fs::is_directory(person)) continue;
    for (const fs::path& file : sorted_entries(person))
      if (fs::is_regular_file(file)) pictures.push_back({file, people});
    ++people;
  }
  if (people < 2)
    throw Error(ErrorCode::Read, folder.string() + " holds pictures of " + std::to_string(people) +
                                     " people; it needs a folder for each of at least two");
  return pictures;
}

std::vector<LabelledPair> read_pairs(const fs::path& file, const fs::path& images, int folds) {
  if (fs::is_directory(file)) return pairs_of_people(file, folds);
  const fs::path base = images.empty() ? file.parent_path() / "images" : images;
  std::vector<LabelledPair> pairs =
      file.extension() == ".txt" ? read_lfw(file, base) : read_csv(file, base);
  if (pairs.empty()) throw Error(ErrorCode::Read, file.string() + " holds no pair");
  return pairs;
}

}  // namespace facerec
