#include "tests/conformance/rows.h"

#include <algorithm>

#include "plan/json.h"
#include "providers/apig/apig_provider.h"
#include "providers/gateway/gateway.h"
#include "providers/gateway/local_transport.h"
#include "providers/gateway/quirks.h"
#include "providers/gateway/server.h"
#include "providers/http/poco_transport.h"
#include "providers/memory/memory_provider.h"

namespace sluice::conformance {
namespace {

template <typename T>
T must(Result<T> result) {
  check(result.has_value(), "a fixture could not be made");
  return std::move(*result);
}

ApigSettings settings() { return {{"apig", "test", "project", "instance"}, {}}; }

std::size_t count_changes(const gateway::Gateway& gateway) {
  const auto log = gateway.request_log();
  return static_cast<std::size_t>(std::count_if(log.begin(), log.end(), [](const auto& request) {
    return request.first != "GET" && !request.second.ends_with("/openapi/async-export");
  }));
}

class MemoryFixture final : public Fixture {
 public:
  explicit MemoryFixture(int polls) : provider_(polls, {"RELEASE", "TEST"}) {}
  Provider& provider() override { return provider_; }
  Clock& clock() override { return clock_; }
  std::size_t changes_sent() const override { return provider_.changes_sent(); }
  void make_plugins(const std::map<std::string, std::string>& types) override {
    GatewayObjects objects;
    for (const auto& [name, type] : types) objects.by_kind[ObjectKind::Plugin][name].type = type;
    provider_.set_objects(std::move(objects));
  }

 private:
  JumpingClock clock_;
  MemoryProvider provider_;
};

constexpr std::string_view kInstancePath = "/v2/project/apigw/instances/instance";

Value ask(Transport& transport, const std::string& method, const std::string& path, const std::string& body = {}) {
  const auto answer =
      transport.send({method, std::string(kInstancePath) + path, {{"Content-Type", "application/json"}}, body});
  check(answer.has_value() && answer->status < 300, "a call by hand was refused");
  const auto read = parse_json(answer->body);
  return read ? *read : Value();
}

/// Makes the environment TEST, which a new gateway does not have.
void make_environment(Transport& transport) {
  const auto answer = transport.send({"POST",
                                      "/v2/project/apigw/instances/instance/envs",
                                      {{"Content-Type", "application/json"}},
                                      R"({"name":"TEST"})"});
  check(answer.has_value() && answer->status == 201, "the environment TEST could not be made");
}

void make_plugins_of(Transport& transport, const std::map<std::string, std::string>& types) {
  for (const auto& [name, type] : types) {
    const auto answer = transport.send({"POST",
                                        "/v2/project/apigw/instances/instance/plugins",
                                        {{"Content-Type", "application/json"}},
                                        R"({"plugin_name":")" + name + R"(","plugin_type":")" + type +
                                            R"(","plugin_scope":"global","plugin_content":"{}"})"});
    check(answer.has_value() && answer->status == 201, "a plug-in could not be made");
  }
}

class InProcessFixture final : public Fixture {
 public:
  InProcessFixture(Milliseconds latency, const std::map<std::string, std::string>& quirks)
      : gateway_(must(gateway::Gateway::open({.data = ":memory:", .latency = latency, .quirks = quirks}))),
        transport_(*gateway_, [this] { return clock_.now(); }),
        provider_(transport_, settings()) {
    make_environment(transport_);
  }
  Provider& provider() override { return provider_; }
  Clock& clock() override { return clock_; }
  std::size_t changes_sent() const override { return count_changes(*gateway_); }
  void make_plugins(const std::map<std::string, std::string>& types) override { make_plugins_of(transport_, types); }
  bool edit(const std::string& name, const std::string& remark, bool publish) override {
    const Value list = ask(transport_, "GET", "/apis?precise_search=name&name=" + name);
    const Value* apis = list.find("apis");
    check(apis != nullptr && apis->items().size() == 1, "there is no API of this name");
    Value api = apis->items().front();
    const std::string id(api.text("id"));
    ask(transport_, "PUT", "/apis/" + id, write_json(api.set("remark", remark)));
    if (!publish) return true;
    ask(transport_, "POST", "/apis/action",
        R"({"action":"online","env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID","api_id":")" + id + R"("})");
    return true;
  }
  bool make_channel(const std::string& body) override {
    ask(transport_, "POST", "/vpc-channels", body);
    return true;
  }

 private:
  JumpingClock clock_;
  std::unique_ptr<gateway::Gateway> gateway_;
  gateway::LocalTransport transport_;
  ApigProvider provider_;
};

class SocketFixture final : public Fixture {
 public:
  explicit SocketFixture(Milliseconds latency)
      : gateway_(must(gateway::Gateway::open({.data = ":memory:", .latency = latency, .quirks = {}}))),
        server_(must(gateway::Server::start(*gateway_, "127.0.0.1:0"))),
        transport_(must(connect_to({.url = "http://" + server_->address()}))),
        provider_(*transport_, settings()) {
    make_environment(*transport_);
  }
  Provider& provider() override { return provider_; }
  Clock& clock() override { return clock_; }
  std::size_t changes_sent() const override { return count_changes(*gateway_); }
  void make_plugins(const std::map<std::string, std::string>& types) override { make_plugins_of(*transport_, types); }

 private:
  SystemClock clock_;
  std::unique_ptr<gateway::Gateway> gateway_;
  std::unique_ptr<gateway::Server> server_;
  std::unique_ptr<Transport> transport_;
  ApigProvider provider_;
};

Row in_process(const std::string& name, Milliseconds latency, std::map<std::string, std::string> quirks = {}) {
  return {"apig in-process, " + name, true,
          [latency, quirks] { return std::make_unique<InProcessFixture>(latency, quirks); }};
}

}  // namespace

std::vector<Row> rows() {
  return {
      {"memory", true, [] { return std::make_unique<MemoryFixture>(0); }},
      {"memory, slow", true, [] { return std::make_unique<MemoryFixture>(3); }},
      in_process("latency 0", Milliseconds(0)),
      in_process("latency 300 ms", Milliseconds(300)),
      in_process("refused under merge in `failure`", Milliseconds(0), {{"merge", "failure"}}),
      in_process("no `ignore` list", Milliseconds(0), {{"ignore", "absent"}}),
      in_process("export keys of the text", Milliseconds(0), {{"export_keys", "text"}}),
      in_process("publishing binds nothing", Milliseconds(0), {{"bind", "never"}}),
      in_process("publishing unbinds what is dropped", Milliseconds(0), {{"dropped_reference", "unbind"}}),
      in_process("override takes offline", Milliseconds(0), {{"override", "offline"}}),
      in_process("override makes another API", Milliseconds(0), {{"override", "replace"}}),
      in_process("drafts as they are served", Milliseconds(0), {{"dev_definition", "runtime"}}),
      in_process("names make APIs one", Milliseconds(0), {{"conflict_key", "name"}}),
      in_process("one task at a time", Milliseconds(0), {{"concurrent_tasks", "1"}}),
      {"apig over a socket, latency 0", true, [] { return std::make_unique<SocketFixture>(Milliseconds(0)); }},
      {"apig over a socket, latency 300 ms", false, [] { return std::make_unique<SocketFixture>(Milliseconds(300)); }},
  };
}

bool Fixture::edit(const std::string&, const std::string&, bool) { return false; }
bool Fixture::make_channel(const std::string&) { return false; }

Row member_group_row() {
  return in_process("member groups", Milliseconds(0), {{"member_groups", "on"}, {"channels", "checked"}});
}

std::vector<Row> switch_rows() {
  std::vector<Row> out;
  for (const gateway::Quirk& quirk : gateway::quirks()) {
    auto words = gateway::positions_of(quirk);
    words.erase(words.begin());
    if (quirk.largest > 0) words = {"1"};
    for (const std::string_view word : words) {
      Row row = in_process("", Milliseconds(0), {{std::string(quirk.name), std::string(word)}});
      row.name = std::string(quirk.name) + "=" + std::string(word);
      row.renames_variables = row.name != "path_variables=distinct";
      out.push_back(std::move(row));
    }
  }
  return out;
}

std::vector<Row> every_row() {
  std::vector<Row> all = rows();
  std::vector<Row> switched = switch_rows();
  std::move(switched.begin(), switched.end(), std::back_inserter(all));
  return all;
}

}  // namespace sluice::conformance
