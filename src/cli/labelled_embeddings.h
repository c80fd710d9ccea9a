// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <vector>

#include "../evaluate/pairs.h"
#include "../evaluate/verification.h"
#include "../match/metric.h"
#include "../pipeline.h"

namespace facerec::cli {

/// The embedding of each picture; empty where it has no face that was found.
using Embeddings = std::map<std::filesystem::path, std::optional<Embedding>>;

/// Represents every picture once. Throws Error where one cannot be read.
Embeddings represent(Recognizer& recognizer, const std::vector<LabelledPair>& pairs);
Embeddings represent(Recognizer& recognizer, const std::vector<Picture>& pictures);

/// The distance of each pair, in their order; NaN where a picture has no embedding.
std::vector<PairDistance> compare(const std::vector<LabelledPair>& pairs,
                                  const Embeddings& embeddings, Metric metric);

}  // namespace facerec::cli
