#include "providers/gateway/page.h"
#include "plan/words.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::gateway {
namespace {

constexpr std::size_t kLongestList = 200;

// Tables that are wider than the window are pushed aside on their own, so that a telephone can show them.
constexpr std::string_view kHead =
    "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Embedded gateway</title><style>"
    "body{font:15px/1.4 sans-serif;margin:1.5em auto;max-width:75em;padding:0 1em;color:#222}"
    "h2{margin-top:2em;border-bottom:1px solid #ccc;overflow-wrap:anywhere}"
    ".wide{overflow-x:auto;margin:.5em 0 1.5em}table{border-collapse:collapse}"
    "th,td{border:1px solid #ccc;padding:.2em .6em;text-align:left;vertical-align:top;white-space:nowrap}"
    "td.text{white-space:normal;min-width:14em;overflow-wrap:anywhere}th{background:#f4f4f4}"
    "code{font-family:monospace}.bad{color:#a00}.dim{color:#666}</style></head><body>\n";

constexpr std::size_t kLongText = 40;  // bytes from which a cell may be broken into lines

std::string row(const std::vector<std::string>& cells, std::string_view tag = "td") {
  std::string out = "<tr>";
  for (const std::string& cell : cells) {
    const std::string_view wrap = tag == "td" && cell.size() >= kLongText ? " class=\"text\"" : "";
    out += fmt::format("<{0}{1}>{2}</{0}>", tag, wrap, escape_html(cell));
  }
  return out + "</tr>\n";
}

/// A table of the first rows; `write` gives the cells of one.
template <typename Rows, typename Write>
std::string table(const std::vector<std::string>& head, const Rows& rows, const Write& write) {
  std::string out = "<div class=\"wide\"><table>" + row(head, "th");
  std::size_t count = 0;
  for (const auto& item : rows) {
    if (count++ < kLongestList) out += row(write(item));
  }
  out += "</table></div>\n";
  if (count == 0) return "<p class=\"dim\">None.</p>\n";
  if (count > kLongestList) out += fmt::format("<p class=\"dim\">{} more.</p>\n", count - kLongestList);
  return out;
}

std::string environment_name(const Instance& instance, std::string_view id) {
  if (id == kReleaseId) return std::string(kReleaseName);
  const Environment* environment = instance.environments.find(id);
  return environment != nullptr ? environment->name : std::string(id);
}

std::string published_in(const Instance& instance, const Api& api) {
  std::string out;
  for (const Publication& version : api.publications) {
    if (!version.active) continue;
    out.append(out.empty() ? "" : ", ").append(environment_name(instance, version.env_id));
    if (version.definition != api.definition) out.append(" (older than the draft)");
  }
  return out.empty() ? "not published" : out;
}

std::string state_of(const Task& task, Now now) {
  if (task.state == TaskState::Succeeded) return "succeed";
  if (task.state == TaskState::Failed) return "failed";
  // What is due is done at the next request to the instance, and counts from now on.
  if (now >= task.ends) return "due";
  return now < task.starts ? "waiting" : "processing";
}

std::string write_instance(const NamedInstance& named, Now now) {
  const Instance& held = *named.instance;
  std::string out = "<h2><code>" + escape_html(named.scope) + "</code></h2>\n<h3>Groups</h3>\n";
  const auto group_name = [&](const std::string& id) {
    const Group* group = held.groups.find(id);
    return group != nullptr ? group->name : id;
  };
  out += table({"Name", "Id", "Remark"}, held.groups.rows(), [](const auto& item) {
    return std::vector<std::string>{item.second.name, item.second.id, item.second.remark};
  });
  out += "<h3>APIs</h3>\n";
  out += table({"Group", "Name", "Method", "Path", "Match", "Published in"}, held.apis.rows(), [&](const auto& item) {
    const Value& d = item.second.definition;
    return std::vector<std::string>{group_name(item.second.group_id),  std::string(d.text("name")),
                                    std::string(d.text("req_method")), std::string(d.text("req_uri")),
                                    std::string(d.text("match_mode")), published_in(held, item.second)};
  });
  std::vector<std::pair<std::string, std::string>> environments = {
      {std::string(kReleaseName), std::string(kReleaseId)}};
  for (const auto& [number, environment] : held.environments.rows()) {
    environments.emplace_back(environment.name, environment.id);
  }
  out += "<h3>Environments</h3>\n";
  out += table({"Name", "Id"}, environments, [](const auto& item) {
    return std::vector<std::string>{item.first, item.second};
  });
  std::vector<const Task*> tasks;
  for (const auto& [number, task] : held.tasks.rows()) tasks.push_back(&task);
  std::reverse(tasks.begin(), tasks.end());
  out += "<h3>Tasks, latest first</h3>\n";
  return out + table({"Made at", "Id", "Kind", "State", "Group"}, tasks, [&](const Task* task) {
           return std::vector<std::string>{write_time(task->created), task->id,
                                           task->kind == TaskKind::Import ? "import" : "export", state_of(*task, now),
                                           group_name(task->group_id)};
         });
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const std::string_view entity = html_entity(c);
    out += entity.empty() ? std::string_view(&c, 1) : entity;
  }
  return out;
}

std::string write_page(const std::vector<NamedInstance>& instances, const std::vector<PastRequest>& requests, Now now) {
  std::string out(kHead);
  out += "<h1>Embedded gateway</h1>\n<p>It keeps definitions and serves no calls. Now: " + write_time(now) + "</p>\n";
  if (instances.empty()) out += "<p class=\"dim\">Nothing was made here yet.</p>\n";
  for (const NamedInstance& named : instances) out += write_instance(named, now);
  out += "<h2>Latest requests</h2>\n";
  out += table({"At", "Method", "Path", "Status", "Outcome"}, requests, [](const PastRequest& request) {
    return std::vector<std::string>{write_time(request.at), request.method, request.path,
                                    request.status > 0 ? std::to_string(request.status) : "", request.outcome};
  });
  return out + "</body></html>\n";
}

}  // namespace sluice::gateway
