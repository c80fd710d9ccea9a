// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "gallery_store.h"
#include "postgresql.h"

namespace facerec {

/// Ids in the order of `people`, who are added where their key is new. Within a transaction.
std::vector<std::int64_t> add_people(const PgConnection& connection,
                                     const std::vector<StoredPerson>& people);

/// Adds templates with the ids of their people, in their order. Within a transaction. `vectors`
/// where embeddings are of pgvector's type.
void add_templates(const PgConnection& connection, const std::vector<StoredPerson>& people,
                   const std::vector<std::int64_t>& ids, bool vectors);

}  // namespace facerec
