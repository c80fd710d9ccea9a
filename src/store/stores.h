// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>

#include "gallery_store.h"

namespace facerec {

// The kinds of stores, one file each. Names are as gallery_name() gives them.

/// One SQLite file (WAL; mode 0600 where it is made here).
std::unique_ptr<GalleryStore> open_sqlite(const std::string& name, const StoreOptions& options);
std::unique_ptr<GalleryPulse> sqlite_pulse(const std::string& name);

/// A schema of a PostgreSQL database: see parse_postgresql_name(). Where that has pgvector, it
/// searches as well.
std::unique_ptr<GalleryStore> open_postgresql(const std::string& name, const StoreOptions& options);
std::unique_ptr<GalleryPulse> postgresql_pulse(const std::string& name);

/// One index of an OpenSearch or Elasticsearch server: see SearchUri.
std::unique_ptr<GalleryStore> open_search(const std::string& name, const StoreOptions& options);
std::unique_ptr<GalleryPulse> search_pulse(const std::string& name);

}  // namespace facerec
