// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "postgresql.h"

namespace facerec {

/// What a gallery's database can do.
struct PostgresqlFacts {
  std::string vectors;  ///< schema of pgvector, quoted, where embeddings are of its type; or empty
  bool has_hnsw = false;  ///< pgvector 0.5 or newer
};

/// Makes the schema of the newest format where there is none or an empty one. Throws Error (Read)
/// where it holds something else, (Write) where the user may not.
void create_postgresql_schema(const PgConnection& connection, const PostgresqlName& name);

/// Throws Error (NotFound) where there is no such gallery, (Read) where the schema is none, of
/// another format or damaged.
PostgresqlFacts check_postgresql_schema(const PgConnection& connection, const PostgresqlName& name);

/// Adds pgvector's index of cosine distances where there is none and it pays: of so many templates
/// or more, of embeddings that are not too long. Takes a minute for 100,000, in which others can
/// read and not write. Throws Error (Write) where the user does not own the table.
void index_templates(const PgConnection& connection, const PostgresqlFacts& facts, int dimension);

/// Of an empty gallery, whose next embeddings may be of another dimension.
void drop_index(PgTransaction& transaction, const PostgresqlFacts& facts);

}  // namespace facerec
