// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace facerec {

/// Two pictures and whether they show one person.
struct LabelledPair {
  std::filesystem::path a;
  std::filesystem::path b;
  bool same = false;
  int fold = 1;
};

struct Picture {
  std::filesystem::path file;
  int person = 0;
};

/// The pictures of a folder with a folder of pictures for each person. Throws Error (Read) where
/// there are fewer than two people.
std::vector<Picture> read_people(const std::filesystem::path& folder);

/// Reads labelled pairs. Throws Error: NotFound, or Read naming the file and line. Kinds:
/// - CSV with a header that names the columns image_a, image_b, same (1 or 0) and, if wanted, fold;
/// - LFW's pairs.txt (NAME N M or NAME N OTHER M, folds by its first line);
/// - a folder with a folder of pictures for each person: all pairs, `folds` parts by person.
/// Relative names are looked up in `images`; by default the folder images beside the file.
std::vector<LabelledPair> read_pairs(const std::filesystem::path& file,
                                     const std::filesystem::path& images, int folds);

}  // namespace facerec
