// SPDX-License-Identifier: LGPL-2.1-or-later

#include "postgresql_values.h"

#include <cmath>
#include <cstring>

#include "gallery_store.h"

namespace facerec {

namespace {

// Of PostgreSQL's catalogue pg_type, where they are the same in every database.
constexpr Oid type_bool = 16;
constexpr Oid type_int8 = 20;
constexpr Oid type_int2 = 21;
constexpr Oid type_int4 = 23;
constexpr Oid type_text = 25;
constexpr Oid type_float4 = 700;
constexpr Oid type_float8 = 701;
constexpr Oid type_int8s = 1016;
constexpr Oid type_texts = 1009;
constexpr Oid type_float4s = 1021;

constexpr int array_header = 20;  ///< bytes, of one dimension
constexpr int vector_header = 4;

std::uint64_t read(const char* bytes, int size) {
  std::uint64_t value = 0;
  for (int i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

float read_real(const char* bytes) {
  const auto bits = static_cast<std::uint32_t>(read(bytes, 4));
  float value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

void begin_array(PgBytes& bytes, Oid type, std::size_t size) {
  bytes.int32(size == 0 ? 0 : 1);  // dimensions
  bytes.int32(0);                  // no NULL
  bytes.int32(static_cast<std::int32_t>(type));
  if (size == 0) return;
  bytes.int32(static_cast<std::int32_t>(size));
  bytes.int32(1);  // index of the first
}

}  // namespace

void PgBytes::put(std::uint64_t value, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
    bytes_ += static_cast<char>(value >> shift & 0xff);
  }
}

void PgBytes::real(float value) {
  std::int32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  int32(bits);
}

std::string array_of(const std::vector<float>& values) {
  PgBytes bytes;
  begin_array(bytes, type_float4, values.size());
  for (const float value : values) {
    bytes.int32(4);
    bytes.real(value);
  }
  return bytes.bytes();
}

std::string vector_of(const std::vector<float>& values) {
  PgBytes bytes;
  bytes.int16(static_cast<std::int16_t>(values.size()));
  bytes.int16(0);
  for (const float value : values) bytes.real(value);
  return bytes.bytes();
}

PgParameters& PgParameters::add(Oid type, std::string bytes) {
  types_.push_back(type);
  values_.push_back(std::move(bytes));
  return *this;
}

PgParameters& PgParameters::integer(std::int64_t value) {
  PgBytes bytes;
  bytes.int64(value);
  return add(type_int8, bytes.bytes());
}

PgParameters& PgParameters::real(double value) {
  std::int64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  PgBytes bytes;
  bytes.int64(bits);
  return add(type_float8, bytes.bytes());
}

PgParameters& PgParameters::boolean(bool value) {
  return add(type_bool, std::string(1, value ? '\1' : '\0'));
}

PgParameters& PgParameters::text(const std::string& value) {
  return add(type_text, value);
}

PgParameters& PgParameters::texts(const std::vector<std::string>& values) {
  PgBytes bytes;
  begin_array(bytes, type_text, values.size());
  for (const std::string& value : values) {
    bytes.int32(static_cast<std::int32_t>(value.size()));
    bytes.raw(value);
  }
  return add(type_texts, bytes.bytes());
}

PgParameters& PgParameters::integers(const std::vector<std::int64_t>& values) {
  PgBytes bytes;
  begin_array(bytes, type_int8, values.size());
  for (const std::int64_t value : values) {
    bytes.int32(8);
    bytes.int64(value);
  }
  return add(type_int8s, bytes.bytes());
}

PgParameters& PgParameters::reals(const std::vector<float>& values) {
  return add(type_float4s, array_of(values));
}

void PgRows::fail(int column) const {
  fail_damaged(*gallery_, std::string("its column '") + PQfname(result_.get(), column) +
                              "' holds a value of another type");
}

std::uint64_t PgRows::bits(int row, int column, int size) const {
  if (is_null(row, column) || PQgetlength(result_.get(), row, column) != size) fail(column);
  return read(PQgetvalue(result_.get(), row, column), size);
}

std::int64_t PgRows::integer(int row, int column) const {
  switch (type(column)) {
    case type_int2:
      return static_cast<std::int16_t>(bits(row, column, 2));
    case type_int4:
      return static_cast<std::int32_t>(bits(row, column, 4));
    case type_int8:
      return static_cast<std::int64_t>(bits(row, column, 8));
    default:
      fail(column);
  }
}

bool PgRows::boolean(int row, int column) const {
  if (type(column) != type_bool) fail(column);
  return bits(row, column, 1) != 0;
}

double PgRows::real(int row, int column) const {
  const bool single = type(column) == type_float4;
  if (!single && type(column) != type_float8) fail(column);
  if (is_null(row, column)) return NAN;
  const std::uint64_t value = bits(row, column, single ? 4 : 8);
  if (single) return read_real(PQgetvalue(result_.get(), row, column));
  double result = 0;
  std::memcpy(&result, &value, sizeof result);
  return result;
}

std::string PgRows::text(int row, int column) const {
  if (type(column) != type_text || is_null(row, column)) fail(column);
  return {PQgetvalue(result_.get(), row, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

bool PgRows::reals(int row, int column, std::vector<float>& values) const {
  if (is_null(row, column)) return false;
  const bool array = type(column) == type_float4s;
  const char* bytes = PQgetvalue(result_.get(), row, column);
  const int size = PQgetlength(result_.get(), row, column);
  const int header = array ? array_header : vector_header;
  const int step = array ? 8 : 4;  // an array has the size before each value
  if (size < header) return false;
  if (array && (read(bytes, 4) != 1 || read(bytes + 8, 4) != type_float4)) return false;
  const auto count = static_cast<std::int64_t>(array ? read(bytes + 12, 4) : read(bytes, 2));
  if (size != header + count * step) return false;
  values.resize(count);
  const char* next = bytes + header;
  for (float& value : values) {
    if (array && read(next, 4) != 4) return false;
    value = read_real(next + step - 4);
    next += step;
  }
  return true;
}

}  // namespace facerec
