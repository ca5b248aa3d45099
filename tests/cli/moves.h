// Swagger files for what moves and is renamed, and what a served gateway serves while an apply is at work.
#pragma once

#include <functional>
#include <future>

#include "tests/cli/served.h"

namespace sluice::test {

struct Api {
  std::string method;
  std::string path;
  std::string name;
  std::string more = {};  ///< members of the operation, each followed by a comma
};

inline const std::string kPrefixMatch = R"("x-apigateway-match-mode": "SWA", )";

inline std::string document(const std::vector<Api>& apis, const std::string& base_path = "") {
  std::map<std::string, std::string> paths;
  for (const Api& api : apis) {
    std::string parameters;
    for (std::size_t at = api.path.find('{'); at != std::string::npos; at = api.path.find('{', at + 1)) {
      const std::string variable = api.path.substr(at + 1, api.path.find('}', at) - at - 1);
      parameters += (parameters.empty() ? "" : ", ") + (R"({"name": ")" + variable) +
                    R"(", "in": "path", "type": "string", "required": true})";
    }
    std::string& operations = paths[api.path];
    operations += (operations.empty() ? "" : ", ") + ("\"" + api.method) + R"(": {)" + api.more +
                  (R"("operationId": ")" + api.name) + R"(", "parameters": [)" + parameters +
                  R"(], "responses": {"default": {"description": "x"}}})";
  }
  std::string text = R"({"swagger": "2.0", "info": {"title": "t", "version": "1"}, "schemes": ["https"], )";
  if (!base_path.empty()) text += R"("basePath": ")" + base_path + "\", ";
  text += R"("paths": {)";
  bool first = true;
  for (const auto& [path, operations] : paths) {
    text += (first ? "\"" : ",\n\"") + path + "\": {" + operations + "}";
    first = false;
  }
  return text + "}}\n";
}

/// The elements of the list at "a/b".
inline std::vector<Value> list_at(const Value& value, const std::string& path) {
  const Value list = at(value, path);
  return {list.items().begin(), list.items().end()};
}

/// "GET /a" and the name of each API that some environment serves.
using ServedApis = std::map<std::string, std::string>;

inline ServedApis served_apis(const Served& served) {
  ServedApis found;
  const Value apis = served.ask("GET", "/apis?limit=500");
  for (const Value& api : list_at(apis, "apis")) {
    if (api.text("run_env_name").empty()) continue;
    const std::string mode = api.text("match_mode") == "SWA" ? " SWA" : "";
    found[std::string(api.text("req_method")) + " " + std::string(api.text("req_uri")) + mode] =
        std::string(api.text("group_name")) + " " + std::string(api.text("name"));
  }
  return found;
}

/// Applies, and looks at what is served all the while.
inline Finished watched_apply(const Bench& bench, const Served& served,
                              const std::function<void(const ServedApis&)>& look,
                              const std::vector<std::string>& more = {}) {
  std::vector<std::string> words = {"apply", "--auto-approve"};
  words.insert(words.end(), more.begin(), more.end());
  const auto process = bench.start(words);
  auto ended = std::async(std::launch::async, [&process] { return process->wait(); });
  do {
    look(served_apis(served));
  } while (ended.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready);
  look(served_apis(served));
  return ended.get();
}

/// The change of a plan's JSON at an address; null when there is none.
inline Value change_at(const Value& plan, const std::string& address) {
  for (const Value& change : list_at(plan, "resource_changes")) {
    if (change.text("address") == address) return change;
  }
  return {};
}

/// "create api.pets[…]" a line, sorted as the plan has them; with where each went.
inline std::string changes_of(const Finished& plan) {
  std::string text;
  const Value json = json_of(plan.out);
  for (const Value& change : list_at(json, "resource_changes")) {
    text += at(change, "change/actions/0").as_string() + " " + std::string(change.text("address"));
    if (!change.text("moved_from").empty()) text += " from " + std::string(change.text("moved_from"));
    if (!change.text("moved_to").empty()) text += " to " + std::string(change.text("moved_to"));
    text += "\n";
  }
  return text;
}

/// Starts an apply in each and kills it after its milliseconds.
template <typename Runs>
void kill_applies(const Runs& runs, const std::vector<int>& moments) {
  for (std::size_t i = 0; i < moments.size(); ++i) {
    const auto process = runs[i]->bench.start({"apply", "--auto-approve"});
    std::this_thread::sleep_for(std::chrono::milliseconds(moments[i]));
    process->send_signal(SIGKILL);
    process->wait();
  }
}

}  // namespace sluice::test
