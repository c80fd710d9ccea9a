// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "index.h"

namespace facerec {

/// A graph in which each vector is linked with others near it (Y. Malkov and D. Yashunin,
/// "Efficient and robust approximate nearest neighbor search using Hierarchical Navigable Small
/// World graphs", 2018), by hnswlib. As make_index().
std::unique_ptr<Index> make_hnsw_index(int dimension, std::size_t capacity);

}  // namespace facerec
