#include "providers/gateway/dataarts/definitions.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <set>

#include "providers/gateway/names.h"
#include "providers/gateway/pointers.h"

namespace sluice::gateway::dataarts {
namespace {

constexpr std::size_t kLongestName = 128;
constexpr std::size_t kLongestParameter = 64;
constexpr std::size_t kLongestValue = 1024;
constexpr std::size_t kLongestScript = 4U << 20U;
constexpr std::size_t kLongestDescription = 255;

using Words = std::initializer_list<std::string_view>;

bool is_one_of(std::string_view word, Words words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Letters, digits and `._-`, and what is beyond ASCII, as names may be Chinese.
bool is_name(std::string_view name, std::string_view marks) {
  return !name.empty() && length_of(name) <= kLongestName && std::all_of(name.begin(), name.end(), [&](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || marks.find(c) != std::string_view::npos || static_cast<unsigned char>(c) >= 0x80;
  });
}

std::optional<Fault> lacks(std::string_view place) { return invalid(fmt::format("{} is missing", place)); }

/// A number, or a text that holds one.
std::optional<double> number_of(const Value* value) {
  if (value == nullptr) return std::nullopt;
  if (value->is_number()) return value->as_number();
  if (!value->is_string()) return std::nullopt;
  const std::string& text = value->as_string();
  double number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

/// Whether a member is absent or a whole number between two bounds.
bool fits(const Value& from, std::string_view name, std::int64_t least, std::int64_t most) {
  const Value* value = from.find(name);
  if (value == nullptr || value->is_null()) return true;
  return value->is_integer() && value->as_integer() >= least && value->as_integer() <= most;
}

/// Whether a member is absent, or of this kind.
bool is_or_absent(const Value& from, std::string_view name, Value::Kind kind) {
  const Value* value = from.find(name);
  return value == nullptr || value->is_null() || value->kind() == kind;
}

/// Whether a member is absent, empty, or one of these words.
bool says(const Value& from, std::string_view name, Words words) {
  if (!is_or_absent(from, name, Value::Kind::String)) return false;
  const std::string_view word = from.text(name);
  return word.empty() || is_one_of(word, words);
}

std::optional<Fault> check_parameters(const Value& job) {
  if (!is_or_absent(job, "params", Value::Kind::Array)) return invalid("params must be a list");
  std::size_t index = 0;
  for (const Value& parameter : member_of(job, "params").items()) {
    const std::string place = fmt::format("params[{}]", index++);
    const std::string_view name = parameter.text("name");
    if (name.empty()) return lacks(place + ".name");
    if (length_of(name) > kLongestParameter) return invalid(place + ".name is longer than 64");
    const Value* value = parameter.find("value");
    if (value == nullptr) return lacks(place + ".value");
    if (value->is_string() && length_of(value->as_string()) > kLongestValue) {
      return invalid(place + ".value is longer than 1024");
    }
    if (!says(parameter, "type", {"variable", "constants", "procedure"})) return invalid(place + ".type");
  }
  return std::nullopt;
}

std::optional<Fault> check_properties(const Value& node, const std::string& place) {
  const Value* properties = node.find("properties");
  if (properties == nullptr || !properties->is_array()) return lacks(place + ".properties");
  for (const Value& property : properties->items()) {
    if (property.text("name").empty()) return lacks(place + ".properties[].name");
  }
  return std::nullopt;
}

std::optional<Fault> check_node(const Value& node, const std::string& place) {
  const std::string_view name = node.text("name");
  if (name.empty()) return lacks(place + ".name");
  if (length_of(name) > kLongestName) return invalid(place + ".name is longer than 128");
  if (node.text("type").empty()) return lacks(place + ".type");
  const Value* location = node.find("location");
  if (location == nullptr || !location->is_object()) return lacks(place + ".location");
  for (const std::string_view axis : {"x", "y"}) {
    if (!number_of(location->find(axis))) return invalid(fmt::format("{}.location.{}", place, axis));
  }
  if (auto fault = check_properties(node, place)) return fault;
  if (!is_or_absent(node, "preNodeName", Value::Kind::Array)) return invalid(place + ".preNodeName");
  if (!is_or_absent(node, "conditions", Value::Kind::Array)) return invalid(place + ".conditions");
  if (!fits(node, "pollingInterval", 1, 60)) return invalid(place + ".pollingInterval is not from 1 to 60");
  if (!fits(node, "maxExecutionTime", 5, 1440)) return invalid(place + ".maxExecutionTime is not from 5 to 1440");
  if (!fits(node, "retryTimes", 0, 5)) return invalid(place + ".retryTimes is not from 0 to 5");
  if (!fits(node, "retryInterval", 5, 120)) return invalid(place + ".retryInterval is not from 5 to 120");
  const Words policies = {"FAIL", "IGNORE", "SUSPEND", "FAIL_CHILD", "EXIT", "CONTINUE", "EXIT_CHILD"};
  if (!says(node, "failPolicy", policies)) return invalid(place + ".failPolicy");
  return std::nullopt;
}

std::optional<Fault> check_nodes(const Value& job) {
  if (!is_or_absent(job, "nodes", Value::Kind::Array)) return invalid("nodes must be a list");
  std::set<std::string_view> names;
  std::size_t index = 0;
  for (const Value& node : member_of(job, "nodes").items()) {
    const std::string place = fmt::format("nodes[{}]", index++);
    if (auto fault = check_node(node, place)) return fault;
    if (!names.insert(node.text("name")).second) return invalid(place + ".name is that of another node");
  }
  for (const Value& node : member_of(job, "nodes").items()) {
    for (const Value& before : member_of(node, "preNodeName").items()) {
      if (before.is_string() && names.contains(before.as_string())) continue;
      return invalid(fmt::format("preNodeName of {} is no node of the job", node.text("name")));
    }
  }
  return std::nullopt;
}

/// "sec min hour day month week": seconds are 0 and months are `*`.
bool is_cron(std::string_view expression) {
  std::vector<std::string_view> fields;
  while (!expression.empty()) {
    const std::size_t space = std::min(expression.find(' '), expression.size());
    if (space > 0) fields.push_back(expression.substr(0, space));
    expression.remove_prefix(std::min(space + 1, expression.size()));
  }
  return (fields.size() == 6 || fields.size() == 7) && fields[0] == "0" && fields[4] == "*";
}

std::optional<Fault> check_schedule(const Value& job) {
  const Value* schedule = job.find("schedule");
  const auto wrong = [](std::string_view what) {
    return Fault{"DLF.3025", fmt::format("The schedule parameter is invalid: {}", what)};
  };
  if (schedule == nullptr || !schedule->is_object()) return wrong("schedule is missing");
  const Words types = {"EXECUTE_ONCE", "CRON", "EVENT", "EVENT_TRIGGER", "RUN_ONCE", "SCHEDULE"};
  if (!is_one_of(schedule->text("type"), types)) return wrong("schedule.type");
  if (const Value* cron = schedule->find("cron"); cron != nullptr && !cron->is_null()) {
    if (!cron->is_object()) return wrong("schedule.cron");
    const Value* expression = cron->find("expression");
    if (expression != nullptr && (!expression->is_string() || !is_cron(expression->as_string()))) {
      return wrong("schedule.cron.expression must have six fields, the first 0 and the fifth *");
    }
    if (!says(member_of(*cron, "dependJobs"), "dependPeriod", {"SAME_PERIOD", "PRE_PERIOD"})) {
      return wrong("schedule.cron.dependJobs.dependPeriod");
    }
    if (!says(member_of(*cron, "dependJobs"), "dependFailPolicy", {"FAIL", "IGNORE", "SUSPEND"})) {
      return wrong("schedule.cron.dependJobs.dependFailPolicy");
    }
  }
  if (const Value* event = schedule->find("event"); event != nullptr && !event->is_null()) {
    if (!is_one_of(event->text("eventType"), {"KAFKA", "DIS", "OBS"})) return wrong("schedule.event.eventType");
    if (!fits(*event, "concurrent", 1, 128)) return wrong("schedule.event.concurrent is not from 1 to 128");
  }
  return std::nullopt;
}

/// Sets a member that is absent.
void fill(Value& to, std::string_view name, Value value) {
  const Value* there = to.find(name);
  if (there == nullptr || there->is_null()) to.set(name, std::move(value));
}

/// Changes an object member, if there is one.
template <typename Change>
void change_member(Value& of, std::string_view name, const Change& change) {
  const Value* member = of.find(name);
  if (member == nullptr || !member->is_object()) return;
  Value changed = *member;
  change(changed);
  of.set(name, std::move(changed));
}

template <typename Change>
void change_items(Value& of, std::string_view name, const Change& change) {
  const Value* list = of.find(name);
  if (list == nullptr || !list->is_array()) return;
  Value changed = Value::array();
  for (const Value& item : list->items()) {
    Value copy = item;
    if (copy.is_object()) change(copy);
    changed.push(std::move(copy));
  }
  of.set(name, std::move(changed));
}

bool is_secret(const Value& property) {
  const Value* flag = property.find("value_is_sensitive");
  if (flag != nullptr && flag->is_bool() && flag->as_bool()) return true;
  std::string name(property.text("name"));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return name.find("password") != std::string::npos || name.find("passwd") != std::string::npos;
}

Value coordinate(const Value* value, bool as_number) {
  const double number = number_of(value).value_or(0);
  if (as_number) return number;
  if (value != nullptr && value->is_string()) return *value;
  std::string text = fmt::format("{}", number);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

void export_node(const Workspace& workspace, Value& node) {
  change_member(node, "location", [&](Value& location) {
    for (const char* axis : {"x", "y"}) {
      location.set(axis, coordinate(location.find(axis), workspace.rules.dataarts.number_location));
    }
  });
  if (const Value* properties = node.find("properties"); properties != nullptr) {
    Value kept = Value::array();
    for (const Value& property : properties->items()) {
      if (!is_secret(property)) kept.push(property);
    }
    node.set("properties", std::move(kept));
  }
  fill(node, "preNodeName", Value::array());
  fill(node, "conditions", Value::array());
  fill(node, "pollingInterval", 10);
  fill(node, "maxExecutionTime", 60);
  fill(node, "retryTimes", 0);
  fill(node, "retryInterval", 120);
  fill(node, "failPolicy", "FAIL");
  if (!workspace.rules.dataarts.observed_keys) return;
  fill(node, "resouces", Value::array());
  fill(node, "lineageInfo", "[{\"outputs\":[],\"inputs\":[]}]");
  change_items(node, "properties", [](Value& property) { fill(property, "value_is_sensitive", false); });
}

void export_schedule(const Workspace& workspace, Value& schedule) {
  const bool observed = workspace.rules.dataarts.observed_keys;
  change_member(schedule, "cron", [&](Value& cron) {
    fill(cron, "dependPrePeriod", false);
    change_member(cron, "dependJobs", [&](Value& jobs) {
      fill(jobs, "dependPeriod", "SAME_PERIOD");
      fill(jobs, "dependFailPolicy", "FAIL");
      if (observed) fill(jobs, "sameWorkSpaceJobs", Value::array());
    });
    if (!observed) return;
    fill(cron, "calendarScheduling", "false");
    fill(cron, "concurrent", 1);
    fill(cron, "isSkipSelfDepJob", "false");
    fill(cron, "monitorObsPath", false);
    fill(cron, "scanDuration", 0);
    fill(cron, "scanInterval", 0);
  });
  change_member(schedule, "event", [](Value& event) {
    fill(event, "failPolicy", "SUSPEND");
    fill(event, "concurrent", 1);
    fill(event, "readPolicy", "LAST");
  });
  if (!observed) return;
  fill(schedule, "requireManualConfirmBeforeExecute", false);
  fill(schedule, "scheduleOffset", 1);
}

void add_observed(const Job& job, Value& out) {
  change_member(out, "basicConfig", [](Value& config) {
    fill(config, "encrypt", false);
    fill(config, "jobDescription", "");
    fill(config, "taskPriority", 0);
  });
  Value origin;
  fill(out, "location", origin.set("x", "0").set("y", "0"));
  fill(out, "maskedParams", Value::array());
  fill(out, "resouces", Value::array());
  fill(out, "runAtOnceAfterIncubate", "0");
  fill(out, "taskWorkGroupId", "");
  fill(out, "useCdmCache", false);
  out.set("version", std::to_string(job.version));
}

std::string_view user_of(const Job& job) {
  const std::string_view user = job.definition.text("lastUpdateUser");
  return user.empty() ? "dataarts" : user;
}

}  // namespace

std::optional<Fault> check_job(const Value& job) {
  const std::string_view name = job.text("name");
  if (name.empty()) return refuse("DLF.3004").error;
  if (!is_name(name, "_.-")) return refuse("DLF.3018").error;
  if (!is_one_of(job.text("processType"), {"BATCH", "REAL_TIME"})) {
    return invalid("processType is neither BATCH nor REAL_TIME");
  }
  if (!is_or_absent(job, "description", Value::Kind::String)) return refuse("DLF.3050").error;
  if (!is_or_absent(job, "directory", Value::Kind::String)) return invalid("directory");
  if (!is_or_absent(job, "basicConfig", Value::Kind::Object)) return invalid("basicConfig");
  if (!fits(member_of(job, "basicConfig"), "priority", 0, 2)) return invalid("basicConfig.priority is not from 0 to 2");
  if (auto fault = check_schedule(job)) return fault;
  if (auto fault = check_parameters(job)) return fault;
  return check_nodes(job);
}

std::optional<Fault> check_script(const Value& script) {
  if (!is_name(script.text("name"), "_.- ")) return invalid("name");
  const Value* type = script.find("type");
  if (type == nullptr || !type->is_string() || type->as_string().empty()) return refuse("DLF.6247").error;
  const Words types = {"FlinkSQL",      "DLISQL", "SparkSQL",  "HiveSQL",       "DWSSQL",
                       "RDSSQL",        "Shell",  "PRESTO",    "ClickHouseSQL", "Spark Python",
                       "HetuEngineSQL", "PYTHON", "ImpalaSQL", "SparkPython"};
  if (!is_one_of(type->as_string(), types)) return invalid("type");
  const Value* content = script.find("content");
  if (content == nullptr || !content->is_string()) return lacks("content");
  if (content->as_string().size() > kLongestScript) return invalid("content is longer than 4 MB");
  if (!is_or_absent(script, "directory", Value::Kind::String)) return invalid("directory");
  if (!is_or_absent(script, "configuration", Value::Kind::Object)) return invalid("configuration");
  if (length_of(script.text("description")) > kLongestDescription) return invalid("description is longer than 255");
  return std::nullopt;
}

Value exported_job(const Workspace& workspace, const Job& job) {
  Value out = job.definition;
  fill(out, "directory", "/");
  fill(out, "params", Value::array());
  fill(out, "nodes", Value::array());
  change_member(out, "basicConfig", [](Value& config) { fill(config, "priority", 0); });
  change_items(out, "params", [](Value& parameter) { fill(parameter, "type", "variable"); });
  change_items(out, "nodes", [&](Value& node) { export_node(workspace, node); });
  change_member(out, "schedule", [&](Value& schedule) { export_schedule(workspace, schedule); });
  if (workspace.rules.dataarts.observed_keys) add_observed(job, out);
  return out;
}

Value shown_job(const Workspace& workspace, const Job& job) {
  Value out = exported_job(workspace, job);
  if (workspace.rules.dataarts.omit_directory) out.erase("directory");
  out.set("id", job.id).set("version", std::to_string(job.version)).set("createTime", ticks(job.created));
  return out.set("lastUpdateUser", user_of(job));
}

Value listed_job(const Workspace& workspace, const Job& job) {
  const Value& config = member_of(job.definition, "basicConfig");
  const std::string_view directory = job.definition.text("directory");
  Value priority = member_of(config, "priority");
  if (priority.is_null()) priority = 0;
  Value out;
  out.set("name", job.name).set("jobType", job.definition.text("processType"));
  out.set("status", status_of(workspace, job)).set("owner", config.text("owner")).set("priority", std::move(priority));
  out.set("createUser", user_of(job)).set("createTime", ticks(job.created));
  out.set("lastUpdateUser", user_of(job)).set("lastUpdateTime", ticks(job.updated));
  out.set("path", directory.empty() ? std::string_view("/") : directory);
  return out.set("singleNodeJobFlag", member_of(job.definition, "singleNodeJobFlag") == Value(true));
}

Value exported_script(const Asset& script) {
  Value out = script.definition;
  fill(out, "directory", "/");
  fill(out, "description", "");
  fill(out, "configuration", Value::object());
  return out;
}

Value shown_script(const Asset& script) {
  Value out = exported_script(script);
  return out.set("id", script.id).set("autoAcquireLock", false);
}

std::vector<std::string> scripts_of(const Value& job) {
  std::vector<std::string> out;
  for (const Value& node : member_of(job, "nodes").items()) {
    for (const Value& property : member_of(node, "properties").items()) {
      if (property.text("name") != "scriptName" || property.text("value").empty()) continue;
      std::string name(property.text("value"));
      if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(std::move(name));
    }
  }
  return out;
}

void set_parameters(Value& job, const Value& values) {
  for (const Value::Member& given : values.members()) {
    bool known = false;
    change_items(job, "params", [&](Value& parameter) {
      if (parameter.text("name") != given.key) return;
      parameter.set("value", given.value);
      known = true;
    });
    if (known) continue;
    Value added;
    added.set("name", given.key).set("value", given.value).set("type", "variable");
    Value list = Value::array(member_of(job, "params").items());
    job.set("params", list.push(std::move(added)));
  }
}

}  // namespace sluice::gateway::dataarts
