// A gateway under test and short ways to speak to it.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "plan/json.h"
#include "providers/gateway/gateway.h"

namespace sluice::gateway::test {

inline constexpr std::string_view kBase = "/v2/0123456789abcdef/apigw/instances/fedcba9876543210";
inline constexpr std::string_view kRelease = "DEFAULT_ENVIRONMENT_RELEASE_ID";

/// An answer with its body read as JSON; null when it is none.
struct Answer {
  int status = 0;
  std::string text;
  Value body;
  std::string code() const { return std::string(body.text("error_code")); }
};

/// A gateway with sequential ids and a clock that stands still until it is moved.
struct Bench {
  explicit Bench(Options options = {}) {
    options.quirks.emplace("ids", "sequential");
    auto opened = Gateway::open(options);
    REQUIRE(opened);
    gateway = std::move(*opened);
  }

  Answer call(std::string method, std::string_view path, std::string body = {}, std::string type = "application/json") {
    HttpRequest request{std::move(method), std::string(kBase) + std::string(path), {}, std::move(body)};
    request.headers.emplace_back("content-type", std::move(type));
    const HttpResponse got = gateway->handle(request, now);
    auto parsed = parse_json(got.body);
    return {got.status, got.body, parsed ? *parsed : Value()};
  }
  Answer get(std::string_view path) { return call("GET", path); }
  Answer post(std::string_view path, std::string body) { return call("POST", path, std::move(body)); }
  Answer put(std::string_view path, std::string body) { return call("PUT", path, std::move(body)); }
  Answer remove(std::string_view path) { return call("DELETE", path); }

  std::string group(const std::string& name = "petstore") {
    return std::string(post("/api-groups", R"({"name":")" + name + R"("})").body.text("id"));
  }

  using Fields = std::vector<std::pair<std::string, std::string>>;
  /// A multipart call; the document is the part file_name unless it is absent.
  Answer form(std::string_view path, const Fields& fields, const std::string* file) {
    std::string body;
    for (const auto& [name, value] : fields) {
      body += "--B\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
    }
    if (file != nullptr) {
      body +=
          "--B\r\nContent-Disposition: form-data; name=\"file_name\"; filename=\"a.json\"\r\n"
          "Content-Type: application/octet-stream\r\n\r\n" +
          *file + "\r\n";
    }
    return call("POST", path, body + "--B--\r\n", "multipart/form-data; boundary=B");
  }
  Answer import(const std::string& file, Fields fields = {}) { return form("/openapi/import", fields, &file); }
  Answer import_into(const std::string& group, const std::string& file, const std::string& mode = "override") {
    return import(file, {{"is_create_group", "false"}, {"group_id", group}, {"api_mode", mode}});
  }

  /// Publishes all of a group, or takes it offline.
  Answer publish(const std::string& group, const std::string& action = "online", std::string_view env = kRelease) {
    return post("/apis/publish?action=" + action,
                R"({"env_id":")" + std::string(env) + R"(","group_id":")" + group + R"("})");
  }
  /// A group of published APIs GET /a, GET /b ... with names API_a, API_b ...; gives the publish ids in that order.
  std::vector<std::string> published(const std::string& group, std::size_t count) {
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string name(1, static_cast<char>('a' + static_cast<char>(i)));
      const Answer made = post("/apis", R"({"group_id":")" + group + R"(","name":"API_)" + name +
                                            R"(","type":1,"req_protocol":"HTTPS","req_method":"GET","req_uri":"/)" +
                                            name + R"(","auth_type":"NONE","backend_type":"MOCK","mock_info":{}})");
      REQUIRE(made.status == 201);
      ids.emplace_back(made.body.text("id"));
    }
    REQUIRE(publish(group).status == 200);
    for (std::string& id : ids) id = get("/apis/" + id).body.text("publish_id");
    return ids;
  }
  /// The id that a call answers.
  std::string made(const std::string& path, const std::string& body) {
    const Answer answer = post(path, body);
    REQUIRE(answer.status == 201);
    return std::string(answer.body.text("id"));
  }

  std::unique_ptr<Gateway> gateway;
  Now now = Now(std::chrono::milliseconds(1'690'000'000'000));
};

/// An operation with a MOCK backend; `more` is put in front of its members.
inline std::string mock_operation(const std::string& name, const std::string& more = "") {
  return "{" + more + R"("operationId":")" + name +
         R"(","x-apigateway-backend":{"type":"MOCK","mockEndpoints":{"result-content":"ok"}}})";
}

/// A document with these paths, e.g. R"("/a":{"get":{...}})".
inline std::string document(const std::string& paths, const std::string& more = "") {
  return R"({"swagger":"2.0","info":{"title":"petstore","version":"1"},)" + more + R"("paths":{)" + paths + "}}";
}

/// The member of an answer by a path of keys and indexes, e.g. at(body, {"success", "0", "id"}).
inline Value at(const Value& value, const std::vector<std::string>& keys) {
  Value found = value;
  for (const std::string& key : keys) {
    if (found.is_array()) {
      const std::size_t index = std::stoul(key);
      if (index >= found.items().size()) return {};
      const Value next = found.items()[index];
      found = next;
    } else {
      const Value* next = found.find(key);
      if (next == nullptr) return {};
      const Value copy = *next;
      found = copy;
    }
  }
  return found;
}

}  // namespace sluice::gateway::test
