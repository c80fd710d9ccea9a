// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "index.h"

namespace facerec {

/// Trees whose nodes each halve the vectors at a plane between two groups of them, by Annoy. They
/// take no vectors later: those that come are compared each, up to an eighth of the filled ones.
/// What is saved are the trees with their planes. As make_index().
std::unique_ptr<Index> make_annoy_index(int dimension, std::size_t capacity);

}  // namespace facerec
