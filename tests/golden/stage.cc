#include "tests/golden/stage.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <regex>
#include <sstream>

#include "engine/commands/command.h"
#include "engine/output.h"
#include "engine/renames.h"
#include "plan/render_text.h"
#include "plan/yaml.h"
#include "tests/support/in_process.h"
#include "tests/support/temp_folder.h"

namespace sluice::golden {
namespace {

constexpr std::string_view kManifest = R"(
version: 1
groups:
  - name: pets
    swagger: pets.yaml
    operations: {auth: none, backend: {type: HTTP, address: "b:80", scheme: http}}
)";

/// A JSON merge patch; none changes nothing.
Value laid_over(Value target, const Value& patch) {
  if (!patch.is_object()) return patch.is_null() ? target : patch;
  if (!target.is_object()) target = Value::object();
  for (const auto& member : patch.members()) {
    const Value* old = target.find(member.key);
    Value merged = member.value.is_null() ? Value() : laid_over(old == nullptr ? Value() : *old, member.value);
    target.erase(member.key);
    if (!merged.is_null()) target.set(member.key, std::move(merged));
  }
  return target;
}

const Value& member(const Value& of, std::string_view key) {
  static const Value none;
  const Value* found = of.find(key);
  return found == nullptr ? none : *found;
}

/// A Swagger document in full, of one whose operations may stand below `apis` as "METHOD /path".
Value document_of(const Value& given) {
  Value document = parse_yaml("swagger: '2.0'\ninfo: {title: pets, version: '1'}\n").value();
  document = laid_over(document, given);
  document.erase("apis");
  Value paths = document.find("paths") == nullptr ? Value::object() : *document.find("paths");
  for (const auto& [key, operation, mark] : member(given, "apis").members()) {
    const std::size_t space = key.find(' ');
    std::string method = key.substr(0, space);
    std::transform(method.begin(), method.end(), method.begin(), [](unsigned char c) { return std::tolower(c); });
    if (method == "any") method = "x-apigateway-any-method";
    const std::string path = key.substr(space + 1);
    Value item = paths.find(path) == nullptr ? Value::object() : *paths.find(path);
    paths.set(path, item.set(method, operation));
  }
  return document.set("paths", std::move(paths));
}

class Silent final : public RunListener {};

class Stage {
 public:
  Stage() : gateway_(std::map<std::string, std::string>{{"member_groups", "on"}}) {
    gateway_.make_environment("TEST");
    gateway_.make_plugin("cors1", "cors");
    gateway_.make_plugin("limit1", "rate_limit");
    gateway_.transport().on_answer([this](const HttpResponse& answer) { note_names(answer.body); });
  }

  std::string play(const Value& play) {
    act(member(play, "before"));
    Value side = member(play, "base");
    if (!side.is_null()) {
      write(side);
      begin({});
      const Plan plan = make_plan();
      INFO(render_text(plan, {}));
      REQUIRE(verdict(plan).reasons.empty());
      const auto report = apply(plan);
      REQUIRE(report);
      INFO(render_report(plan, *report));
      REQUIRE(report->converged);
    }
    gateway_.clock().sleep_for(std::chrono::hours(1));
    act(member(play, "live"));
    gateway_.clock().sleep_for(std::chrono::hours(1));
    side = laid_over(side, member(play, "desired"));
    // These are what is asked for, not a patch of what was.
    for (const char* whole : {"apis", "files"}) {
      if (const Value* given = member(play, "desired").find(whole)) side.set(whole, *given);
    }
    write(side);
    std::vector<std::string> flags;
    for (const Value& flag : member(play, "flags").items()) flags.push_back(flag.as_string());
    begin(flags);
    show_run(flags, member(play, "sends") != Value(false));
    return cleaned(out_);
  }

 private:
  // ---- what the user has ----

  void write(const Value& side) {
    Value manifest = parse_yaml(kManifest).value();
    Value group = manifest.find("groups")->items().front();
    group = laid_over(group, member(side, "group"));
    manifest.set("groups", Value::array({group}));
    manifest = laid_over(manifest, member(side, "manifest"));
    folder_.write("sluice.yaml", write_yaml(manifest));
    Value own = member(side, "document");
    own.set("apis", member(side, "apis"));
    folder_.write("pets.yaml", write_yaml(document_of(own)));
    for (const auto& [name, content, mark] : member(side, "files").members()) {
      folder_.write(name, content.is_string() ? content.as_string() : write_yaml(document_of(content)));
    }
  }

  /// A new run with these flags, as the command line would have them.
  void begin(const std::vector<std::string>& flags) {
    std::vector<std::string> words = {"plan", "--file", folder_ / "sluice.yaml"};
    words.insert(words.end(), flags.begin(), flags.end());
    const auto read = parse_command_line(words, {});
    if (!read) FAIL(read.error().message);
    invocation_ = *read;
    const auto settings = read_plan_settings(invocation_);
    if (!settings) FAIL(settings.error().message);
    settings_ = *settings;
    if (!store_) store_ = sqlite_state_store(folder_ / "state.db");
  }

  // ---- what the tool does ----

  /// What is wrong with the files is shown, and no plan made.
  bool load() {
    workspace_ = {};
    auto manifest = load_manifest(invocation_, {});
    show_findings(manifest.diagnostics);
    if (!manifest.value) return false;
    workspace_.manifest = std::move(*manifest.value);
    auto loaded = load_groups(workspace_.manifest);
    show_findings(loaded.diagnostics);
    if (!loaded.value) return false;
    workspace_.groups = std::move(loaded.value->groups);
    return true;
  }

  Plan plan_of(StateSnapshot state) {
    options_.threads = 0;
    options_.risks = risks_of(workspace_.manifest);
    options_.targets = Targets(invocation_.values("target"), invocation_.values("exclude"));
    follow_renames(state, former_names(workspace_.manifest.groups));
    REQUIRE(protect_secrets(workspace_, state, Secret("key"), options_) == ExitCode::Done);
    mask_base(options_, state);
    Reconciler reconciler(gateway_.provider(), gateway_.clock(), options_);
    auto plan = reconciler.plan(groups_to_plan(workspace_, state, settings_.diff, settings_.prune_given), state);
    if (!plan) FAIL(plan.error().message);
    plan->max_deletes = settings_.max_deletes;
    plan->drift_decided = settings_.drift_decided && settings_.diff.on_drift == OnDrift::Revert;
    return std::move(*plan);
  }

  Plan make_plan() {
    const bool loaded = load();
    INFO(out_);
    REQUIRE(loaded);
    out_.clear();
    return plan_of(*store_->read());
  }

  Verdict verdict(const Plan& plan) { return check_plan(plan, settings_, false); }

  Result<RunReport> apply(const Plan& plan) {
    const auto token = store_->lock({"apply", "test"}, gateway_.provider().identity());
    REQUIRE(token);
    Silent silent;
    Reconciler reconciler(gateway_.provider(), gateway_.clock(), options_);
    StateSnapshot state = *store_->read();
    follow_renames(state, former_names(plan));
    auto report = reconciler.apply(plan, state, *store_, *token, "run", silent);
    REQUIRE(store_->unlock(*token));
    return report;
  }

  // ---- what is seen ----

  void show_findings(const Diagnostics& diagnostics) {
    for (const Diagnostic& one : diagnostics) {
      out_ += fmt::format("{} {} {}: {} {}\n", to_string(one.at), one.severity == Severity::Error ? "error" : "warning",
                          one.code, one.summary, one.detail);
    }
  }

  void show_run(const std::vector<std::string>& flags, bool sends) {
    out_ = "$ sluice plan";
    for (const std::string& flag : flags) out_ += " " + flag;
    out_ += "\n";
    if (!load()) return;
    const Plan plan = plan_of(*store_->read());
    show_findings(plan.findings);
    const std::string text = render_text(plan, {});
    out_ += text.substr(0, text.rfind(" Gateway: ")) + "\n";
    const Verdict judged = verdict(plan);
    for (const std::string& reason : judged.reasons) {
      if (text.find(reason) != std::string::npos) continue;  // the plan says so itself
      out_ += fmt::format("{}: {}\n", judged.code == ExitCode::Policy ? "Policy" : "Refused", reason);
    }
    if (!judged.reasons.empty() || has_errors(plan.findings) || !sends) return;
    gateway_.transport().forget();
    const auto report = apply(plan);
    show_sent();
    if (!report) {
      out_ += "Error: " + report.error().message + "\n";
      return;
    }
    show_outcomes(*report);
    begin(without_adoption(flags));
    const std::string shown = out_;
    if (!load()) return;
    out_ = shown;  // its warnings stand above
    const Plan again = plan_of(*store_->read());
    out_ += again.changes.empty() && again.collisions.empty() ? "$ sluice plan: no changes\n" : "$ sluice plan\n";
    for (const Change& change : again.changes) {
      out_ += fmt::format("{} {}\n", to_string(change.action), change.address.text());
      for (const FieldChange& field : change.fields) {
        out_ += fmt::format("  {}: {} -> {}\n", field.path, write_json(field.before), write_json(field.after));
      }
    }
  }

  static std::vector<std::string> without_adoption(std::vector<std::string> flags) {
    const auto at = std::find(flags.begin(), flags.end(), "--adopt");
    if (at != flags.end()) flags.erase(at, at + 2);
    return flags;
  }

  void show_outcomes(const RunReport& report) {
    out_ += "$ outcomes\n";
    for (const Outcome& outcome : report.outcomes) {
      out_ += fmt::format("{} {}", outcome.address.text(), to_string(outcome.actual));
      if (!outcome.as_predicted()) out_ += fmt::format(" (predicted {})", to_string(outcome.predicted));
      if (outcome.already) out_ += " already";
      if (!outcome.error_code.empty() || !outcome.error_message.empty()) {
        out_ += fmt::format(" {} {}", outcome.error_code, outcome.error_message);
      }
      out_ += "\n";
    }
    if (!report.converged) out_ += "not converged\n";
  }

  void show_sent() {
    const auto& sent = gateway_.transport().sent();
    out_ += sent.empty() ? "$ nothing is sent\n" : "$ sent\n";
    for (const HttpRequest& request : sent) {
      std::string target = request.target;
      if (const std::size_t at = target.find("/instances/instance"); at != std::string::npos) target.erase(0, at + 19);
      if (request.body.starts_with("--")) {
        out_ += request.method + " " + target + shown_import(request.body);
        continue;
      }
      const auto body = parse_json(request.body);
      out_ += request.method + " " + target + (body ? " " + write_json_sorted(*body) : "") + "\n";
    }
  }

  /// The fields of an import on its line, then a line for each operation and policy.
  static std::string shown_import(const std::string& body) {
    const std::string line = body.substr(0, body.find("\r\n"));
    std::string fields;
    std::string operations;
    std::size_t at = 0;
    while ((at = body.find("name=\"", at)) != std::string::npos) {
      at += 6;
      const std::string name = body.substr(at, body.find('"', at) - at);
      const std::size_t start = body.find("\r\n\r\n", at) + 4;
      const std::string content = body.substr(start, body.find("\r\n" + line, start) - start);
      at = start + content.size();
      if (name != "file_name") {
        fields += fmt::format(" {}={}", name, content);
        continue;
      }
      const auto document = parse_json(content);
      REQUIRE(document);
      for (const auto& top : document->members()) {
        if (top.key == "swagger" || top.key == "info") continue;
        for (const auto& [key, value, mark] : top.value.members()) {
          if (top.key != "paths") {
            operations += fmt::format("  {}: {}: {}\n", top.key, key, write_json_sorted(value));
            continue;
          }
          for (auto operation : value.members()) {
            operation.value.erase("responses");  // always the same
            operations += fmt::format("  {} {}: {}\n", operation.key, key, write_json_sorted(operation.value));
          }
        }
      }
    }
    return fields + "\n" + operations;
  }

  /// Ids become the names that answers gave them, and times go.
  std::string cleaned(std::string text) const {
    const std::string folder = folder_.path() + "/";
    for (std::size_t at = 0; (at = text.find(folder, at)) != std::string::npos;) text.erase(at, folder.size());
    static const std::regex kId("[0-9a-f]{32}");
    std::string out;
    auto rest = std::sregex_iterator(text.begin(), text.end(), kId);
    std::size_t from = 0;
    for (; rest != std::sregex_iterator(); ++rest) {
      const auto at = static_cast<std::size_t>(rest->position());
      out += text.substr(from, at - from);
      const auto name = names_.find(rest->str());
      out += "{" + (name == names_.end() ? "id" : name->second) + "}";
      from = at + 32;
    }
    out += text.substr(from);
    static const std::regex kTime(R"(\d{4}-\d{2}-\d{2} \d{2}:\d{2} UTC)");
    return std::regex_replace(out, kTime, "TIME");
  }

  void note_names(const std::string& body) {
    if (const auto read = parse_json(body)) note_names(*read);
  }
  void note_names(const Value& value) {
    const std::string_view id = value.text("id");
    if (id.size() == 32 && !value.text("name").empty()) names_.emplace(std::string(id), value.text("name"));
    for (const auto& member : value.members()) note_names(member.value);
    for (const Value& item : value.items()) note_names(item);
  }

  // ---- what somebody else does ----

  void act(const Value& list) {
    for (const Value& one : list.items()) {
      const auto& [what, how, mark] = one.members().front();
      if (what == "edit") {
        edit(how);
      } else if (what == "import") {
        const std::string group(how.text("group"));
        std::string id = gateway_.group_id(group);
        if (id.empty()) id = gateway_.call("POST", "/api-groups", R"({"name":")" + group + R"("})").text("id");
        gateway_.import(id, write_json(document_of(with_backends(how))));
        for (const Value& environment : member(how, "publish").items()) publish_all(id, environment.as_string());
      } else if (what == "publish" || what == "offline") {
        action(how, what == "publish" ? "online" : "offline");
      } else {
        const std::string path = resolved(std::string(how.text("path")));
        gateway_.call(what, path, how.find("body") == nullptr ? "" : write_json(*how.find("body")));
      }
    }
  }

  /// An import gives an operation no backend.
  static Value with_backends(Value how) {
    const Value backend = parse_yaml("{type: MOCK, mockEndpoints: {result-content: by hand}}").value();
    Value apis = member(how, "apis");
    for (auto& api : apis.mutable_members()) {
      if (api.value.find("x-apigateway-backend") == nullptr) api.value.set("x-apigateway-backend", backend);
    }
    return how.set("apis", std::move(apis));
  }

  void edit(const Value& how) {
    const std::string id = gateway_.api_id(group_of(how), how.text("api"));
    const Value detail = gateway_.call("GET", "/apis/" + id);
    gateway_.call("PUT", "/apis/" + id, write_json(laid_over(detail, member(how, "set"))));
    if (member(how, "publish") == Value(true)) action(how, "online");
  }

  void action(const Value& how, const std::string& word) {
    const std::string environment(how.find("env") == nullptr ? "RELEASE" : how.text("env"));
    gateway_.call("POST", "/apis/action",
                  fmt::format(R"({{"action":"{}","env_id":"{}","api_id":"{}"}})", word,
                              gateway_.environment_id(environment), gateway_.api_id(group_of(how), how.text("api"))));
  }

  void publish_all(const std::string& group, const std::string& environment) {
    gateway_.call("POST", "/apis/publish?action=online",
                  fmt::format(R"({{"env_id":"{}","group_id":"{}"}})", gateway_.environment_id(environment), group));
  }

  static std::string group_of(const Value& how) {
    return std::string(how.find("group") == nullptr ? "pets" : how.text("group"));
  }

  /// `{api:NAME}`, `{group:NAME}`, `{throttle:NAME}`, `{acl:NAME}` in a path are the ids of these.
  std::string resolved(std::string path) {
    static const std::regex kName(R"(\{(api|group|throttle|acl|env):([^}]*)\})");
    std::smatch found;
    while (std::regex_search(path, found, kName)) {
      const std::string kind = found[1];
      const std::string name = found[2];
      const std::string id = kind == "api"        ? gateway_.api_id("pets", name)
                             : kind == "group"    ? gateway_.group_id(name)
                             : kind == "throttle" ? gateway_.id_of("/throttles", "throttles", name)
                             : kind == "acl"      ? gateway_.id_of("/acls", "acls", name)
                                                  : gateway_.environment_id(name);
      REQUIRE_FALSE(id.empty());
      path = found.prefix().str() + id + found.suffix().str();
    }
    return path;
  }

  test::TempFolder folder_;
  test::InProcessGateway gateway_;
  std::unique_ptr<StateStore> store_;
  Invocation invocation_;
  PlanSettings settings_;
  Workspace workspace_;
  ReconcilerOptions options_;
  std::map<std::string, std::string> names_;
  std::string out_;
};

}  // namespace

std::string played(const Value& play) { return Stage().play(play); }

}  // namespace sluice::golden
