// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace facerec {

/// Bytes in the order of PostgreSQL's protocol, the most significant one first.
class PgBytes {
 public:
  void int16(std::int16_t value) { put(static_cast<std::uint16_t>(value), 2); }
  void int32(std::int32_t value) { put(static_cast<std::uint32_t>(value), 4); }
  void int64(std::int64_t value) { put(static_cast<std::uint64_t>(value), 8); }
  void real(float value);
  void raw(const std::string& bytes) { bytes_ += bytes; }

  const std::string& bytes() const { return bytes_; }
  void clear() { bytes_.clear(); }

 private:
  void put(std::uint64_t value, int size);
  std::string bytes_;
};

/// As the type real[] and as that of pgvector, vector.
std::string array_of(const std::vector<float>& values);
std::string vector_of(const std::vector<float>& values);

/// The parameters of a statement, $1 and so on.
class PgParameters {
 public:
  PgParameters& integer(std::int64_t value);
  PgParameters& real(double value);
  PgParameters& boolean(bool value);
  PgParameters& text(const std::string& value);
  PgParameters& texts(const std::vector<std::string>& values);
  PgParameters& integers(const std::vector<std::int64_t>& values);
  PgParameters& reals(const std::vector<float>& values);

  const std::vector<Oid>& types() const { return types_; }
  const std::vector<std::string>& values() const { return values_; }

 private:
  PgParameters& add(Oid type, std::string bytes);
  std::vector<Oid> types_;
  std::vector<std::string> values_;
};

/// The rows that a statement gave. Rows and columns count from 0. Each reader of a value throws
/// Error (Read) where it is of another type or NULL.
class PgRows {
 public:
  PgRows(PGresult* result, const std::string& gallery)
      : result_(result, PQclear), gallery_(&gallery) {}

  int count() const { return PQntuples(result_.get()); }
  bool is_null(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }
  /// Of 16, 32 or 64 bits.
  std::int64_t integer(int row, int column) const;
  bool boolean(int row, int column) const;
  /// Of 32 or 64 bits; a NaN where it is NULL.
  double real(int row, int column) const;
  std::string text(int row, int column) const;
  /// A real[] or a vector of pgvector into `values`; false where the bytes are no list of numbers.
  bool reals(int row, int column, std::vector<float>& values) const;

 private:
  [[noreturn]] void fail(int column) const;
  /// The bytes of a value of that size.
  std::uint64_t bits(int row, int column, int size) const;
  Oid type(int column) const { return PQftype(result_.get(), column); }

  std::unique_ptr<PGresult, decltype(&PQclear)> result_;
  const std::string* gallery_;
};

}  // namespace facerec
