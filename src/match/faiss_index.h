// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "index.h"

namespace facerec {

/// Vectors in lists, each of those nearest to one of some centres, of which a search looks at the
/// nearest few; a vector is kept as one byte for each four values, the nearest of 256 such
/// parts (H. Jégou, M. Douze and C. Schmid, "Product Quantization for Nearest Neighbor Search",
/// 2011), by Faiss. Centres and parts are learnt by fill(), which the index takes twice as many
/// vectors as. Its order is by those bytes, so that is_in_order() is false. What is saved are
/// centres, parts and lists; the bytes are made anew of the vectors. As make_index().
std::unique_ptr<Index> make_faiss_index(int dimension, std::size_t capacity);

}  // namespace facerec
