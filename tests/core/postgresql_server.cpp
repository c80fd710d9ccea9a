// SPDX-License-Identifier: LGPL-2.1-or-later

#include "postgresql_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace fs = std::filesystem;

namespace {

int free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(fd);
  if (!bound) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

/// PostgreSQL does not run as root.
const passwd* servant() {
  if (geteuid() != 0) return nullptr;
  const passwd* user = getpwnam("postgres");
  return user ? user : getpwnam("nobody");
}

}  // namespace

std::string PostgresqlServer::programs() {
  std::vector<fs::path> found;
  std::error_code ignored;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
    if (fs::exists(version.path() / "bin/initdb")) found.push_back(version.path() / "bin");
  }
  return found.empty() ? std::string() : std::max_element(found.begin(), found.end())->string();
}

PostgresqlServer::PostgresqlServer() : port_(free_port()) {
  if (const passwd* user = servant()) {
    if (chown(folder_.path().c_str(), user->pw_uid, user->pw_gid) != 0) {
      throw std::runtime_error("the folder cannot be given to the server");
    }
  }
  const std::string data = folder_ / "data";
  int status = 0;
  waitpid(run({programs() + "/initdb", "-D", data, "-U", "facerec", "-A", "trust", "--no-sync",
               "-E", "UTF8", "--locale=C"}),
          &status, 0);
  if (status != 0) throw std::runtime_error(log());
  std::ofstream(fs::path(data) / "pg_hba.conf") << "local all all trust\n"
                                                   "host all all 127.0.0.1/32 scram-sha-256\n";
  start();
}

PostgresqlServer::~PostgresqlServer() {
  if (process_ < 0) return;
  ::kill(process_, SIGQUIT);
  waitpid(process_, nullptr, 0);
}

pid_t PostgresqlServer::run(const std::vector<std::string>& command) const {
  const std::string file = folder_ / "log";
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const passwd* user = servant();
  const pid_t child = fork();
  if (child != 0) return child;
  if (user &&
      (setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) {
    _exit(126);
  }
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (chdir("/") != 0) _exit(126);
  const int log = open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execv(arguments[0], arguments.data());
  _exit(127);
}

void PostgresqlServer::start() {
  // What an earlier one left keeps a new one from starting until its last process has ended.
  for (int attempt = 0; attempt < 300; ++attempt) {
    if (process_ < 0 || waitpid(process_, nullptr, WNOHANG) == process_) {
      process_ = run({programs() + "/postgres", "-D", folder_ / "data", "-k", folder_.path(), "-p",
                      std::to_string(port_), "-c", "listen_addresses=127.0.0.1", "-c",
                      "max_connections=40", "-c", "shared_buffers=64MB",
                      // What a process leaves to the system outlives it; a slow disk is not tested.
                      "-c", "fsync=off"});
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    const std::string where = "host=" + folder_.path().string() + " user=facerec dbname=postgres" +
                              " port=" + std::to_string(port_);
    if (PQping(where.c_str()) == PQPING_OK) return;
  }
  throw std::runtime_error(log());
}

void PostgresqlServer::kill() {
  ::kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  process_ = -1;
}

std::string PostgresqlServer::uri(const std::string& gallery) const {
  return "postgresql://facerec@/postgres?host=" + folder_.path().string() + "&gallery=" + gallery +
         "&port=" + std::to_string(port_);
}

std::string PostgresqlServer::uri(const std::string& user, const std::string& gallery,
                                  const std::string& database) const {
  return "postgresql://" + user + "@127.0.0.1:" + std::to_string(port_) + "/" + database +
         "?gallery=" + gallery;
}

std::shared_ptr<PGconn> PostgresqlServer::connection(const std::string& statements) const {
  const std::string where = "host=" + folder_.path().string() + " user=facerec dbname=postgres" +
                            " options='-c client_min_messages=error' port=" + std::to_string(port_);
  std::shared_ptr<PGconn> result(PQconnectdb(where.c_str()), PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> rows(PQexec(result.get(), statements.c_str()),
                                                           PQclear);
  const ExecStatusType status = PQresultStatus(rows.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    throw std::runtime_error(PQerrorMessage(result.get()));
  }
  return result;
}

std::string PostgresqlServer::sql(const std::string& statements) const {
  const auto open = connection("SELECT 1");
  const std::unique_ptr<PGresult, decltype(&PQclear)> rows(PQexec(open.get(), statements.c_str()),
                                                           PQclear);
  const ExecStatusType status = PQresultStatus(rows.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    throw std::runtime_error(PQerrorMessage(open.get()));
  }
  return PQntuples(rows.get()) > 0 ? PQgetvalue(rows.get(), 0, 0) : std::string();
}

std::string PostgresqlServer::log() const {
  std::ifstream stream(folder_ / "log");
  return "PostgreSQL does not start: " + std::string(std::istreambuf_iterator<char>(stream), {});
}
