// SPDX-License-Identifier: LGPL-2.1-or-later

#include "postgresql.h"

#include <poll.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <new>

#include "../error.h"
#include "gallery_store.h"

namespace facerec {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds look_interval{50};  ///< at whether to stop
/// The server says itself that a lock was not to be had, which takes a moment longer than that.
constexpr milliseconds grace{500};
/// After which a computer that is gone without a word counts as gone, though nothing is awaited.
constexpr const char* idle_seconds = "10";
constexpr const char* probe_seconds = "3";
constexpr const char* most_probes = "3";
constexpr milliseconds shortest_loss{2000};

std::string first_line(const std::string& text) {
  std::string line = text.substr(0, text.find('\n'));
  while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back()))) line.pop_back();
  return line;
}

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

struct ServerMessage {
  std::string state;  ///< SQLSTATE; empty where the message is of libpq
  std::string text;
};

/// The last message of the server in what libpq says of a connection that failed, "FATAL:  3D000:
/// database … does not exist": libpq gives the code there only.
ServerMessage server_message(const std::string& text) {
  constexpr std::size_t code = 5;
  for (std::size_t at = text.rfind(":  "); at != std::string::npos && at > 0;
       at = text.rfind(":  ", at - 1)) {
    const std::string state = text.substr(at + 3, code);
    const bool is_state =
        state.size() == code && std::all_of(state.begin(), state.end(), [](unsigned char c) {
          return std::isdigit(c) || std::isupper(c);
        });
    if (is_state && text.compare(at + 3 + code, 2, ": ") == 0) {
      return {state, first_line(text.substr(at + 3 + code + 2))};
    }
  }
  return {"", first_line(text)};
}

std::string seconds(milliseconds time) {
  std::string text = std::to_string(std::chrono::duration<double>(time).count());
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text + " s";
}

}  // namespace

PgConnection::PgConnection(const PostgresqlName& name, milliseconds patience,
                           const std::atomic<bool>* stop)
    : name_(name), patience_(patience), stop_(stop), connection_(nullptr, PQfinish) {
  connect();
  PQsetErrorVerbosity(connection_.get(), PQERRORS_DEFAULT);
  PQsetNoticeProcessor(
      connection_.get(), [](void*, const char*) {}, nullptr);
  PQsetnonblocking(connection_.get(), 1);
}

void PgConnection::connect() {
  const std::string loss = std::to_string(std::max(patience_, shortest_loss).count());
  // What the URI says comes after the defaults and so before them.
  const char* const words[] = {
      "fallback_application_name", "keepalives_idle", "keepalives_interval", "keepalives_count",
      "tcp_user_timeout",          "dbname",          "client_encoding",     nullptr};
  const char* const values[] = {"gst-facerec", idle_seconds,      probe_seconds, most_probes,
                                loss.c_str(),  name_.uri.c_str(), "UTF8",        nullptr};
  connection_.reset(PQconnectStartParams(words, values, 1));
  if (!connection_) throw std::bad_alloc();
  PQsetErrorVerbosity(connection_.get(), PQERRORS_VERBOSE);
  if (PQstatus(connection_.get()) == CONNECTION_BAD) fail_connecting();
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
  while (next != PGRES_POLLING_OK) {
    if (next == PGRES_POLLING_FAILED) fail_connecting();
    wait(next == PGRES_POLLING_WRITING ? POLLOUT : POLLIN, deadline());
    next = PQconnectPoll(connection_.get());
  }
}

Clock::time_point PgConnection::deadline() const {
  return Clock::now() + patience_ + grace;
}

void PgConnection::wait(short events, Clock::time_point end) const {
  while (true) {
    if (stop_ && *stop_) connection_.reset();
    require_running();
    const auto now = Clock::now();
    if (now >= end) {
      lose("has a server that did not answer within " + seconds(patience_) +
           "; try again when it is less busy, and check the network");
    }
    const auto left = std::chrono::duration_cast<milliseconds>(end - now) + milliseconds(1);
    pollfd socket{PQsocket(connection_.get()), events, 0};
    if (poll(&socket, 1, static_cast<int>(std::min(left, look_interval).count())) > 0) return;
  }
}

void PgConnection::require_running() const {
  const std::string gallery = "gallery '" + name_.shown + "' ";
  if (stop_ && *stop_) {
    throw Error(ErrorCode::Busy,
                gallery + "was not read or changed to its end: that was stopped; begin anew");
  }
  if (!connection_) {
    throw Error(ErrorCode::Busy, gallery + "has lost the connection to its server; open it again");
  }
}

void PgConnection::lose(const std::string& how) const {
  connection_.reset();
  throw Error(ErrorCode::Busy, "gallery '" + name_.shown + "' " + how);
}

void PgConnection::fail_connecting() const {
  const std::string text = PQerrorMessage(connection_.get());
  const bool needs_password = PQconnectionNeedsPassword(connection_.get()) != 0;
  const auto [state, reason] = server_message(text);
  const std::string gallery = "gallery '" + name_.shown + "' ";
  const std::string said = "'" + reason + "'";
  if (state == "3D000") {
    throw Error(ErrorCode::NotFound, gallery + "is in a database that does not exist (" + said +
                                         "); make that with `createdb`, or correct its name");
  }
  if (needs_password || state.rfind("28", 0) == 0) {
    throw Error(ErrorCode::Read,
                gallery + "is not opened for this user: " + said +
                    "; check the user and the password, which may be kept in ~/.pgpass");
  }
  if (state == "42501") {
    throw Error(ErrorCode::Read, gallery + "is not opened for this user: " + said +
                                     "; let its owner GRANT CONNECT on the database");
  }
  if (state.empty() && (contains(text, "SSL") || contains(text, "certificate"))) {
    throw Error(ErrorCode::Read, gallery + "has no connection that is trusted: " + said +
                                     "; check sslmode, sslrootcert and the server's certificate");
  }
  // libpq's words about a URI that it cannot read may hold the password.
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(
      PQconninfoParse(name_.uri.c_str(), nullptr), PQconninfoFree);
  if (!parsed || contains(text, "\"port\"") || contains(text, "invalid port")) {
    throw Error(ErrorCode::Settings,
                "'" + name_.shown +
                    "' names no gallery: libpq cannot read that; write "
                    "postgresql://USER@HOST/DATABASE?gallery=NAME, with only parameters that libpq "
                    "has, and / : @ ? % in a name or password as %2F %3A %40 %3F %25");
  }
  lose("cannot be reached: " + said + "; check the host and the port, and that the server runs");
}

void PgConnection::fail(const PGresult* result) const {
  const auto field = [&](int which) {
    const char* text = PQresultErrorField(result, which);
    return std::string(text ? text : "");
  };
  const std::string state = field(PG_DIAG_SQLSTATE), kind = state.substr(0, 2);
  const std::string said = "'" + first_line(field(PG_DIAG_MESSAGE_PRIMARY)) + "'";
  const std::string gallery = "gallery '" + name_.shown + "' ";
  const auto busy = [&](const std::string& how) { throw Error(ErrorCode::Busy, gallery + how); };
  if (!usable() || state.empty() || kind == "08" || state == "25P03" ||
      (kind == "57" && state != "57014")) {
    lose("has lost the connection to its server; try again when that runs");
  }
  if (state == "55P03") {
    busy("stays locked by another program; try again when that has finished");
  }
  if (state == "57014") {
    busy("was not read or changed to its end: its server ended that (" + said + "); try again");
  }
  if (kind == "40") busy("was changed by another program meanwhile; try again");
  if (state == "53100") {
    throw Error(ErrorCode::Write,
                gallery + "cannot grow because its server's disk is full; make room and try again");
  }
  if (kind == "53") busy("has a server that is short of something: " + said + "; try again later");
  if (state == "25006" || (state == "42501" && writing_)) {
    throw Error(ErrorCode::Write,
                gallery + "cannot be written: " + said +
                    "; connect as a user who may, to a server that is no standby");
  }
  if (state == "42501") {
    throw Error(ErrorCode::Read, gallery + "cannot be read: " + said +
                                     "; let its owner GRANT USAGE on the schema and SELECT on its "
                                     "tables");
  }
  if (state == "42P01" || state == "42703" || state == "3F000" || kind == "XX") {
    fail_damaged(name_.shown, "PostgreSQL says " + said);
  }
  throw Error(writing_ ? ErrorCode::Write : ErrorCode::Read,
              gallery + "cannot be used: PostgreSQL says " + said +
                  "; check the server's log or restore a copy of the gallery");
}

void PgConnection::send(int sent) const {
  if (sent == 0) lose("has lost the connection to its server; try again when that runs");
}

PGresult* PgConnection::next_result(Patience patience) const {
  const auto end_of_patience = [&] {
    return patience == Patience::Endless ? Clock::time_point::max() : deadline();
  };
  auto end = end_of_patience();
  while (true) {
    const int flushing = PQflush(connection_.get());
    if (flushing <= 0 && PQisBusy(connection_.get()) == 0) break;
    wait(flushing > 0 ? POLLIN | POLLOUT : POLLIN, end);
    if (PQconsumeInput(connection_.get()) == 0) break;  // PQgetResult tells the reason
    end = end_of_patience();
  }
  return PQgetResult(connection_.get());
}

PgRows PgConnection::finish(Patience patience) const {
  const auto own = [](PGresult* result) {
    return std::unique_ptr<PGresult, decltype(&PQclear)>(result, PQclear);
  };
  auto last = own(nullptr);
  bool failed = false;
  for (auto result = own(next_result(patience)); result; result = own(next_result(patience))) {
    if (failed) continue;
    const ExecStatusType status = PQresultStatus(result.get());
    failed = status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
    last = std::move(result);
    if (status == PGRES_COPY_IN || !usable()) break;
  }
  if (failed || !last) fail(last.get());
  return {last.release(), name_.shown};
}

void PgConnection::execute(const std::string& sql) const {
  require_running();
  send(PQsendQuery(connection_.get(), sql.c_str()));
  finish();
}

void PgConnection::work(const std::string& sql) const {
  require_running();
  send(PQsendQuery(connection_.get(), sql.c_str()));
  finish(Patience::Endless);
}

PgRows PgConnection::query(const std::string& sql, const PgParameters& parameters) const {
  require_running();
  const auto size = parameters.values().size();
  std::vector<const char*> values(size);
  std::vector<int> lengths(size);
  for (std::size_t i = 0; i < size; ++i) {
    values[i] = parameters.values()[i].data();
    lengths[i] = static_cast<int>(parameters.values()[i].size());
  }
  const std::vector<int> binary(size, 1);
  send(PQsendQueryParams(connection_.get(), sql.c_str(), static_cast<int>(size),
                         parameters.types().data(), values.data(), lengths.data(), binary.data(),
                         1));
  return finish();
}

void PgConnection::begin_copy(const std::string& sql) const {
  require_running();
  send(PQsendQuery(connection_.get(), sql.c_str()));
  finish();
}

void PgConnection::copy(const std::string& bytes) const {
  send(PQputCopyData(connection_.get(), bytes.data(), static_cast<int>(bytes.size())) == 1 ? 1 : 0);
  while (PQflush(connection_.get()) == 1) wait(POLLOUT, deadline());
}

void PgConnection::end_copy() const {
  send(PQputCopyEnd(connection_.get(), nullptr) == 1 ? 1 : 0);
  finish();
}

std::string PgConnection::notice(milliseconds patience) const {
  require_running();
  const auto take = [this]() -> std::string {
    const std::unique_ptr<PGnotify, decltype(&PQfreemem)> came(PQnotifies(connection_.get()),
                                                               PQfreemem);
    return came ? came->extra : "";
  };
  std::string said = take();
  if (!said.empty()) return said;
  pollfd socket{PQsocket(connection_.get()), POLLIN, 0};
  if (poll(&socket, 1, static_cast<int>(patience.count())) <= 0) return {};
  if (PQconsumeInput(connection_.get()) == 0) {
    lose("has lost the connection to its server; try again when that runs");
  }
  return take();
}

std::string PgConnection::quoted(const std::string& identifier) const {
  const std::unique_ptr<char, decltype(&PQfreemem)> text(
      PQescapeIdentifier(connection_.get(), identifier.data(), identifier.size()), PQfreemem);
  if (!text) throw std::bad_alloc();
  return text.get();
}

std::string PgConnection::parameter(const char* name) const {
  const char* value = PQparameterStatus(connection_.get(), name);
  return value ? value : "";
}

PgTransaction::PgTransaction(const PgConnection& connection, Kind kind) : connection_(connection) {
  if (connection.in_transaction_) {
    open_ = false;
    return;
  }
  connection.execute(kind == Kind::Read ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
                                        : "BEGIN ISOLATION LEVEL READ COMMITTED");
  connection.in_transaction_ = true;
  connection.writing_ = kind == Kind::Write;
}

PgTransaction::~PgTransaction() {
  if (!open_) return;
  end();
  if (!connection_.usable()) return;
  try {
    connection_.execute("ROLLBACK");
  } catch (const Error&) {
    connection_.connection_.reset();  // upon which the server rolls back
  }
}

void PgTransaction::end() {
  open_ = false;
  connection_.in_transaction_ = false;
  connection_.writing_ = false;
}

void PgTransaction::commit() {
  try {
    connection_.execute("COMMIT");
  } catch (const Error&) {
    if (connection_.usable()) throw;
    throw Error(ErrorCode::Busy, "gallery '" + connection_.name_.shown +
                                     "' has lost the connection to its server before that said "
                                     "whether the change was kept; look with `facerec list` before "
                                     "it is made again");
  }
  end();
}

bool PgTransaction::attempt(const std::string& sql) {
  connection_.execute("SAVEPOINT attempt");
  try {
    connection_.execute(sql);
  } catch (const Error&) {
    if (!connection_.usable()) throw;
    connection_.execute("ROLLBACK TO attempt");
    return false;
  }
  connection_.execute("RELEASE attempt");
  return true;
}

}  // namespace facerec
