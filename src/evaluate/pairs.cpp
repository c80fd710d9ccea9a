#include "pairs.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>

#include "../error.h"

namespace facerec {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void fail(const fs::path& file, int line, const std::string& what) {
  throw Error(ErrorCode::Read, file.string() + ", line " + std::to_string(line) + ": " + what);
}

std::vector<std::string> split(const std::string& line, char separator) {
  std::vector<std::string> fields;
  std::stringstream stream(line);
  for (std::string field; std::getline(stream, field, separator);) fields.push_back(field);
  return fields;
}

int whole_number(const fs::path& file, int line, const std::string& text) {
  std::size_t used = 0;
  int value = -1;
  try {
    value = std::stoi(text, &used);
  } catch (const std::exception&) {
    used = 0;
  }
  if (used == 0 || used != text.size() || value < 0)
    fail(file, line, "\"" + text + "\" should be a whole number");
  return value;
}

class Lines {
 public:
  explicit Lines(const fs::path& file) : file_(file), stream_(file) {
    if (!stream_)
      throw Error(ErrorCode::NotFound, "cannot open the pairs " + file.string() +
                                           "; give a CSV file, LFW's pairs.txt or a folder with "
                                           "a folder of pictures for each person");
  }

  bool next(std::string& text) {
    while (std::getline(stream_, text)) {
      ++number_;
      if (!text.empty() && text.back() == '\r') text.pop_back();
      if (!text.empty()) return true;
    }
    return false;
  }

  int number() const { return number_; }

 private:
  fs::path file_;
  std::ifstream stream_;
  int number_ = 0;
};

std::vector<LabelledPair> read_csv(const fs::path& file, const fs::path& images) {
  Lines lines(file);
  std::string text;
  if (!lines.next(text)) fail(file, 1, "the file is empty");
  std::map<std::string, std::size_t> column;
  for (const std::string& name : split(text, ',')) column.emplace(name, column.size());
  for (const char* name : {"image_a", "image_b", "same"})
    if (!column.count(name))
      fail(file, 1,
           std::string("the header has no column \"") + name +
               "\"; it should read fold,image_a,image_b,same");
  std::vector<LabelledPair> pairs;
  while (lines.next(text)) {
    const std::vector<std::string> fields = split(text, ',');
    if (fields.size() != column.size())
      fail(file, lines.number(),
           "it has " + std::to_string(fields.size()) + " fields, the header has " +
               std::to_string(column.size()));
    const std::string& same = fields[column["same"]];
    if (same != "0" && same != "1") fail(file, lines.number(), "\"same\" should be 0 or 1");
    const int fold =
        column.count("fold") ? whole_number(file, lines.number(), fields[column["fold"]]) : 1;
    pairs.push_back({images / fields[column["image_a"]], images / fields[column["image_b"]],
                     same == "1", fold});
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
  if (!lines.next(text)) fail(file, 1, "the file is empty");
  const std::vector<std::string> head = split(text, '\t');
  const int folds = head.size() > 1 ? whole_number(file, 1, head[0]) : 1;
  const int half = whole_number(file, 1, head.back());
  if (folds < 1 || half < 1) fail(file, 1, "it should hold the number of folds and of pairs");
  std::vector<LabelledPair> pairs;
  while (lines.next(text)) {
    const std::vector<std::string> f = split(text, '\t');
    const int fold = std::min(folds, static_cast<int>(pairs.size()) / (2 * half) + 1);
    const auto number = [&](std::size_t i) { return whole_number(file, lines.number(), f[i]); };
    if (f.size() == 3)
      pairs.push_back(
          {lfw_picture(images, f[0], number(1)), lfw_picture(images, f[0], number(2)), true, fold});
    else if (f.size() == 4)
      pairs.push_back({lfw_picture(images, f[0], number(1)), lfw_picture(images, f[2], number(3)),
                       false, fold});
    else
      fail(file, lines.number(), "it should read NAME, N, M or NAME, N, OTHER, M with tabs");
  }
  return pairs;
}

std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::vector<fs::path> entries(fs::directory_iterator(folder), fs::directory_iterator{});
  std::sort(entries.begin(), entries.end());
  return entries;
}

std::vector<LabelledPair> pairs_of_people(const fs::path& folder, int folds) {
  struct Picture {
    fs::path file;
    int person;
  };
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
  std::vector<LabelledPair> pairs;
  for (std::size_t i = 0; i < pictures.size(); ++i)
    for (std::size_t j = i + 1; j < pictures.size(); ++j)
      pairs.push_back({pictures[i].file, pictures[j].file, pictures[i].person == pictures[j].person,
                       pictures[i].person % folds + 1});
  return pairs;
}

}  // namespace

std::vector<LabelledPair> read_pairs(const fs::path& file, const fs::path& images, int folds) {
  if (fs::is_directory(file)) return pairs_of_people(file, folds);
  const fs::path base = images.empty() ? file.parent_path() / "images" : images;
  std::vector<LabelledPair> pairs =
      file.extension() == ".txt" ? read_lfw(file, base) : read_csv(file, base);
  if (pairs.empty()) fail(file, 1, "it holds no pair");
  return pairs;
}

}  // namespace facerec
