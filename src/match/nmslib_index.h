// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "index.h"

namespace facerec {

/// A graph without levels in which each vector is linked with others near it (Y. Malkov and others,
/// "Approximate nearest neighbor algorithm based on navigable small world graphs", 2014), NMSLIB's
/// sw-graph. It searches for one thread at a time, since NMSLIB keeps the effort in the graph, and
/// is filled by one. It takes no vectors later: those that come are compared each, up to an eighth
/// of the filled ones. As make_index().
std::unique_ptr<Index> make_nmslib_index(int dimension, std::size_t capacity);

}  // namespace facerec
