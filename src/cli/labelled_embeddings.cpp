// SPDX-License-Identifier: LGPL-2.1-or-later

#include "labelled_embeddings.h"

#include <cmath>

#include "output.h"
#include "probe.h"

namespace facerec::cli {

namespace {

void represent_files(Recognizer& recognizer, Embeddings& embeddings) {
  Progress progress(embeddings.size());
  for (auto& [file, embedding] : embeddings) {
    if (const auto probe = try_probe(recognizer, file.string())) embedding = probe->face.embedding;
    progress.advance();
  }
}

}  // namespace

Embeddings represent(Recognizer& recognizer, const std::vector<LabelledPair>& pairs) {
  Embeddings embeddings;
  for (const LabelledPair& pair : pairs) {
    embeddings.try_emplace(pair.a);
    embeddings.try_emplace(pair.b);
  }
  represent_files(recognizer, embeddings);
  return embeddings;
}

Embeddings represent(Recognizer& recognizer, const std::vector<Picture>& pictures) {
  Embeddings embeddings;
  for (const Picture& picture : pictures) embeddings.try_emplace(picture.file);
  represent_files(recognizer, embeddings);
  return embeddings;
}

std::vector<PairDistance> compare(const std::vector<LabelledPair>& pairs,
                                  const Embeddings& embeddings, Metric metric) {
  std::vector<PairDistance> distances;
  for (const LabelledPair& pair : pairs) {
    const auto& a = embeddings.at(pair.a);
    const auto& b = embeddings.at(pair.b);
    const double value = a && b ? distance(a->values, b->values, metric) : NAN;
    distances.push_back({value, pair.same, pair.fold});
  }
  return distances;
}

}  // namespace facerec::cli
