// SPDX-License-Identifier: LGPL-2.1-or-later

#include "search_client.h"

#include <algorithm>
#include <cstdlib>

#include "../error.h"

namespace facerec {

namespace {

using Json = SearchClient::Json;

constexpr const char* moment_life = "5m";

HttpOptions http_options(const SearchUri& uri, const std::string& gallery,
                         const std::atomic<bool>* stop) {
  HttpOptions options;
  options.gallery = gallery;
  options.base = uri.base;
  options.user = uri.user;
  options.password = uri.password;
  const char* key = std::getenv("FACEREC_API_KEY");
  if (key && *key) options.authorization = std::string("ApiKey ") + key;
  options.ca_file = uri.ca_file;
  options.stop = stop;
  return options;
}

/// The member of an object; null where it is none or has none.
const Json& member(const Json& object, const char* name) {
  static const Json none;
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() ? *found : none;
}

std::string text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

/// The server's own word for what went wrong, "index_not_found_exception".
std::string type_of(const Json& answer) {
  return text(member(member(answer, "error"), "type"));
}

std::string reason_of(const Json& answer) {
  const Json& error = member(answer, "error");
  const Json& causes = member(error, "root_cause");
  const Json& cause = causes.is_array() && !causes.empty() ? causes.front() : error;
  std::string reason = error.is_string() ? text(error) : text(member(cause, "reason"));
  if (reason.empty()) reason = type_of(answer);
  return reason.substr(0, 300);
}

bool succeeded(int status) {
  return status >= 200 && status < 300;
}

}  // namespace

const Json& source_of(const Json& hit) {
  return member(hit, "_source");
}

SearchClient::SearchClient(const SearchUri& uri, const std::string& gallery,
                           std::chrono::milliseconds patience, const std::atomic<bool>* stop)
    : uri_(uri), gallery_(gallery), patience_(patience), http_(http_options(uri, gallery, stop)) {}

SearchClient::Answer SearchClient::call(const char* method, const std::string& path,
                                        const Json* body, std::initializer_list<int> also,
                                        bool writes) {
  HttpRequest request{method, path, {}, "application/json", patience_};
  if (body) request.body = body->dump();
  if (writes) request.patience = std::max<std::chrono::milliseconds>(patience_, write_patience);
  return answer_of(request, also);
}

SearchClient::Answer SearchClient::answer_of(const HttpRequest& request,
                                             std::initializer_list<int> also) {
  const HttpAnswer raw = http_.send(request);
  Answer answer{raw.status, Json::parse(raw.body, nullptr, false)};
  const bool wanted =
      succeeded(raw.status) || std::find(also.begin(), also.end(), raw.status) != also.end();
  if (!wanted) fail(answer);
  if (!answer.body.is_object()) fail_answer("its answer is no JSON object");
  return answer;
}

void SearchClient::fail(const Answer& answer) const {
  const std::string what = "gallery '" + gallery_ + "': ";
  const std::string status = " (HTTP " + std::to_string(answer.status) + ")";
  const std::string type = type_of(answer.body);
  std::string reason = reason_of(answer.body);
  if (reason.empty()) reason = "no reason given";
  if (type == "cluster_block_exception" && (answer.status == 403 || answer.status == 429)) {
    throw Error(ErrorCode::Write, what + "the server takes no changes: " + reason +
                                      "; a full disk is the usual reason, make room on it");
  }
  switch (answer.status) {
    case 401:
      throw Error(ErrorCode::Read,
                  what + "the server wants other credentials" + status +
                      "; give USER:PASSWORD@ before the host, a line in ~/.netrc, or an API key in "
                      "the environment variable FACEREC_API_KEY");
    case 403:
      throw Error(ErrorCode::Read, what + "the server does not allow this to the user" + status +
                                       ": " + reason +
                                       "; have it allowed, or give other credentials: "
                                       "USER:PASSWORD@, ~/.netrc or FACEREC_API_KEY");
    case 404:
      if (type == "index_not_found_exception") {
        throw Error(ErrorCode::NotFound, "gallery '" + gallery_ +
                                             "' does not exist; make it with `facerec enroll`, or "
                                             "correct the name");
      }
      if (type == "search_context_missing_exception" ||
          type == "search_phase_execution_exception") {
        throw Error(ErrorCode::Busy,
                    what + "the server gave up its view of the index" + status + "; try again");
      }
      break;
    case 429:
      throw Error(ErrorCode::Busy,
                  what + "the server has too much to do" + status + "; try again later");
    case 502:
    case 503:
    case 504:
      throw Error(ErrorCode::Busy, what + "the server is not ready" + status + ": " + reason +
                                       "; try again, or check that the cluster is well");
    default:
      break;
  }
  fail_answer("it says '" + reason + "'" + status);
}

void SearchClient::fail_answer(const std::string& what) const {
  throw Error(ErrorCode::Read, "gallery '" + gallery_ + "': " + uri_.base +
                                   " does not answer as an OpenSearch or Elasticsearch server: " +
                                   what + "; correct the host, port and index");
}

bool SearchClient::is_elasticsearch() {
  if (!elasticsearch_) {
    const Answer answer = call("GET", "/", nullptr, {401, 403, 404, 405});
    const Json& version = member(answer.body, "version");
    elasticsearch_ = succeeded(answer.status) && version.is_object()
                         ? text(member(version, "distribution")) != "opensearch"
                         : uri_.elasticsearch;
  }
  return *elasticsearch_;
}

bool SearchClient::create(const Json& settings, const Json& mappings) {
  const Json body{{"settings", settings}, {"mappings", mappings}};
  const Answer answer = call("PUT", path(""), &body, {400}, true);
  if (succeeded(answer.status)) return true;
  if (type_of(answer.body) == "resource_already_exists_exception") return false;
  // Without the plug-in for vectors the server does not know their setting.
  if (settings.contains("index.knn")) {
    Json plain = settings;
    plain.erase("index.knn");
    return create(plain, mappings);
  }
  fail(answer);
}

bool SearchClient::add_fields(const Json& properties) {
  const Json body{{"properties", properties}};
  return succeeded(call("PUT", path("/_mapping"), &body, {400}, true).status);
}

Json SearchClient::mappings() {
  const Answer answer = call("GET", path("/_mapping"), nullptr);
  return answer.body.empty() ? Json() : member(answer.body.front(), "mappings");
}

std::optional<SearchClient::Document> SearchClient::get(const std::string& id) {
  const Answer answer = call("GET", path("/_doc/" + id), nullptr, {404});
  if (answer.status == 404) {
    if (member(answer.body, "found").is_boolean()) return std::nullopt;
    fail(answer);
  }
  return Document{member(answer.body, "_source"), version_of(answer)};
}

std::optional<SearchClient::Version> SearchClient::put(const std::string& id, const Json& source,
                                                       const Version* replaced) {
  const std::string how = replaced
                              ? "?if_seq_no=" + std::to_string(replaced->seq_no) +
                                    "&if_primary_term=" + std::to_string(replaced->primary_term)
                              : std::string("?op_type=create");
  const Answer answer = call("PUT", path("/_doc/" + id + how), &source, {409});
  if (answer.status == 409) return std::nullopt;
  return version_of(answer);
}

SearchClient::Version SearchClient::version_of(const Answer& answer) const {
  const Json& seq_no = member(answer.body, "_seq_no");
  const Json& primary_term = member(answer.body, "_primary_term");
  if (!seq_no.is_number_integer() || !primary_term.is_number_integer()) {
    fail_answer("a document has no version");
  }
  return {seq_no, primary_term};
}

void SearchClient::bulk(const std::string& lines) {
  const Answer answer = answer_of({"POST", path("/_bulk"), lines, "application/x-ndjson",
                                   std::max<std::chrono::milliseconds>(patience_, write_patience)},
                                  {});
  const Json& items = member(answer.body, "items");
  if (!items.is_array()) fail_answer("a bulk has no items");
  for (const Json& item : items) {
    const Json& result = item.is_object() && !item.empty() ? item.front() : item;
    const Json& status = member(result, "status");
    if (!status.is_number_integer()) fail_answer("an item of a bulk has no status");
    const bool gone = item.contains("delete") && status == 404;
    const bool repeated = item.contains("create") && status == 409;
    if (!succeeded(status) && !gone && !repeated) fail({status, result});
  }
}

void SearchClient::refresh() {
  const Answer answer = call("POST", path("/_refresh"), nullptr, {}, true);
  if (member(member(answer.body, "_shards"), "failed") != 0) {
    throw Error(ErrorCode::Busy, "gallery '" + gallery_ +
                                     "': parts of the index are away; try again, or check that "
                                     "the cluster is well");
  }
}

std::vector<Json> SearchClient::search(Json query, const std::string& moment) {
  query["track_total_hits"] = false;
  if (!moment.empty()) query["pit"] = {{"id", moment}, {"keep_alive", moment_life}};
  const std::string where = moment.empty() ? path("/_search") : "/_search";
  Answer answer = call("POST", where + "?allow_partial_search_results=false", &query);
  if (member(member(answer.body, "_shards"), "failed") != 0) fail_answer("a search is not whole");
  const Json& hits = member(member(answer.body, "hits"), "hits");
  if (!hits.is_array()) fail_answer("a search has no hits");
  auto& found = answer.body["hits"]["hits"].get_ref<Json::array_t&>();
  return std::move(found);
}

std::string SearchClient::open_moment() {
  const bool elasticsearch = is_elasticsearch();
  const Answer answer = call("POST",
                             path(std::string(elasticsearch ? "/_pit" : "/_search/point_in_time") +
                                  "?keep_alive=" + moment_life),
                             nullptr);
  std::string id = text(member(answer.body, elasticsearch ? "id" : "pit_id"));
  if (id.empty()) fail_answer("a point in time has no id");
  return id;
}

void SearchClient::close_moment(const std::string& moment) noexcept {
  try {
    if (is_elasticsearch()) {
      const Json body{{"id", moment}};
      call("DELETE", "/_pit", &body, {404});
    } else {
      const Json body{{"pit_id", {moment}}};
      call("DELETE", "/_search/point_in_time", &body, {404});
    }
  } catch (const std::exception&) {
    // The server ends it by itself.
  }
}

}  // namespace facerec
