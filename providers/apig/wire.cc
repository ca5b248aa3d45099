#include "providers/apig/wire.h"

#include <fmt/format.h>

#include <algorithm>

#include "plan/digest.h"
#include "plan/json.h"
#include "plan/yaml.h"
#include "providers/http/answer.h"
#include "providers/http/dates.h"

namespace sluice::apig {
namespace {

constexpr std::string_view kNotPublished = "APIG.3015";

constexpr std::string_view kJson = "application/json";

std::string percent_encoded(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       std::string_view("-_.~").find(c) != std::string_view::npos;
    if (plain) {
      result += c;
    } else {
      result += fmt::format("%{:02X}", byte);
    }
  }
  return result;
}

/// Decodes inside the answer's body.
Result<Value> read_object(HttpResponse& answer, std::string_view what) {
  auto value = parse_json_in_place(answer.body);
  if (!value) return unreadable(what, value.error().message);
  if (!value->is_object()) return unreadable(what, "it is not a JSON object");
  return std::move(*value);
}

/// The parts of a list in one text, empty ones too, for they keep others in their place; nothing of an empty text.
std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// Whether one of the publications may be older than the draft, so that the item is worth keeping.
bool is_worth_keeping(const ListedApi& api) {
  const std::size_t count = std::max(api.published_in.size(), api.env_ids.size());
  if (count > 0 && api.published_at.empty()) return true;
  return std::any_of(api.published_at.begin(), api.published_at.end(),
                     [&](const std::string& at) { return age_of_draft(api.updated_at, at) != Age::Older; });
}

/// What an API holds and a Swagger 2.0 document has no place for.
std::vector<std::string> uncarried_by_documents(const Value& item) {
  constexpr std::int64_t kMemberGroups = 4;
  std::vector<std::string> found;
  if (!item.text("body_remark").empty()) found.emplace_back("body_remark");
  const Value* backend = item.find("backend_api");
  const Value* channel = backend != nullptr ? backend->find("vpc_channel_status") : nullptr;
  if (channel != nullptr && *channel == Value(kMemberGroups) && !backend->text("remark").empty())
    found.emplace_back("backend_api.remark");
  return found;
}

/// A task's result that is an object, rather than the text of one as documented, becomes such a text.
void make_result_a_text(std::string& body) {
  constexpr std::string_view kKey = "\"task_result\"";
  std::size_t at = body.find(kKey);
  if (at == std::string::npos) return;
  at = body.find_first_not_of(" \t\r\n:", at + kKey.size());
  if (at == std::string::npos || body[at] != '{') return;
  auto answer = parse_json(body);
  const Value* result = answer ? answer->find("task_result") : nullptr;
  if (result == nullptr || !result->is_object()) return;
  answer->set("task_result", write_json(*result));
  body = write_json(*answer);
}

ListedGroup group_from(const Value& item) {
  return {std::string(item.text("id")), std::string(item.text("name")), std::string(item.text("remark"))};
}

std::string part(std::string_view boundary, std::string_view name, std::string_view value) {
  return fmt::format("--{}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n", boundary, name, value);
}

std::span<char> find_text(const std::vector<StringMember>& members, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    for (const StringMember& member : members) {
      if (member.key == key) return member.text;
    }
  }
  return {};
}

const Address* find_address(const std::vector<Prediction>& predicted, std::string_view method, std::string_view path) {
  const std::string name = fmt::format("{} {}", method, path);
  for (const Prediction& prediction : predicted) {
    if (prediction.address.name() == name || prediction.address.name() == name + " SWA") return &prediction.address;
  }
  return nullptr;
}

/// The code decides, for statuses differ between the pages of the reference and its table of codes.
ErrorKind kind_of(int status, std::string_view code) {
  const auto is_one_of = [code](std::initializer_list<std::string_view> beginnings) {
    return std::any_of(beginnings.begin(), beginnings.end(), [code](auto begin) { return code.starts_with(begin); });
  };
  if (status == 429 || code == "APIG.9008" || code == "APIG.0308") return ErrorKind::Throttled;
  // Quotas, what exists already, and objects in use.
  if (is_one_of({"APIG.31", "APIG.32", "APIG.33", "APIG.34", "APIG.1107", "APIG.3707"})) return ErrorKind::Conflict;
  if (is_one_of({"APIG.30"})) return ErrorKind::NotFound;
  if (is_one_of({"APIG.03", "APIGW.03", "APIG.10", "APIG.11", "APIG.12", "APIG.13"})) return ErrorKind::Denied;
  if (is_one_of({"APIG.20", "APIG.36"})) return ErrorKind::Invalid;
  if (status == 401 || status == 403) return ErrorKind::Denied;
  if (status == 404) return ErrorKind::NotFound;
  if (status == 409 || status == 412) return ErrorKind::Conflict;
  if (status >= 500) return ErrorKind::Unavailable;
  return ErrorKind::Invalid;
}

std::string_view next_move(ErrorKind kind, std::string_view code) {
  switch (kind) {
    case ErrorKind::Denied:
      return code == "APIG.1005" ? "Check the credentials, their permissions, and that the token or key is of the "
                                   "project that the path names (`project_id`)."
                                 : "Check the credentials and their permissions.";
    case ErrorKind::NotFound:
      return "Check the project and instance ids, and run `sluice plan` again.";
    case ErrorKind::Throttled:
    case ErrorKind::Unavailable:
      return "Try again later.";
    default:
      return "Correct what the gateway names.";
  }
}

}  // namespace

std::string plain_id(std::string_view id) {
  std::string plain(id);
  std::erase(plain, '-');
  return plain;
}

HttpRequest json_request(std::string method, std::string target, const Value& body) {
  return {std::move(method), std::move(target), {{"Content-Type", std::string(kJson)}}, write_json(body)};
}

HttpRequest delete_request(std::string target) {
  HttpRequest request = get_request(std::move(target));
  request.method = "DELETE";
  return request;
}

HttpRequest get_request(std::string target) {
  return {"GET", std::move(target), {{"Content-Type", std::string(kJson)}}, ""};
}

Unexpected<Error> unreadable(std::string_view what, std::string_view why) {
  return fail(Error{
      ErrorKind::Protocol, fmt::format("The gateway's {} cannot be understood: {}.", what, why), Effect::Unknown, {}});
}

Result<Value> read_list(HttpResponse& answer, std::string_view what, std::string_view key) {
  auto object = read_object(answer, what);
  if (!object) return object;
  const Value* items = object->find(key);
  const Value* total = object->find("total");
  if (items == nullptr || !items->is_array()) return unreadable(what, fmt::format("`{}` is missing", key));
  const bool told = total != nullptr && !total->is_null();
  if (told && (!total->is_integer() || total->as_integer() < 0)) return unreadable(what, "`total` is no count");
  return object;
}

std::string base_path(std::string_view project_id, std::string_view instance_id) {
  return fmt::format("/v2/{}/apigw/instances/{}", percent_encoded(project_id), percent_encoded(instance_id));
}

HttpRequest find_group(std::string_view base, std::string_view name, std::size_t offset) {
  return get_request(fmt::format("{}/api-groups?limit={}&name={}&offset={}&precise_search=name", base, kPageSize,
                                 percent_encoded(name), offset));
}

HttpRequest list_groups(std::string_view base, std::size_t offset) {
  return get_request(fmt::format("{}/api-groups?limit={}&offset={}", base, kPageSize, offset));
}

HttpRequest show_group(std::string_view base, std::string_view group_id) {
  return get_request(fmt::format("{}/api-groups/{}", base, percent_encoded(group_id)));
}

HttpRequest list_environments(std::string_view base, std::size_t offset) {
  return get_request(fmt::format("{}/envs?limit={}&offset={}", base, kPageSize, offset));
}

HttpRequest list_apis(std::string_view base, std::string_view group_id, std::size_t offset) {
  return get_request(fmt::format("{}/apis?group_id={}&limit={}&offset={}", base, group_id, kPageSize, offset));
}

HttpRequest export_group(std::string_view base, std::string_view group_id, std::string_view env_id,
                         std::string_view define) {
  Value body = Value::object();
  body.set("env_id", env_id)
      .set("group_id", group_id)
      .set("define", define)
      .set("type", "json")
      .set("version", "sluice");
  return json_request("POST", fmt::format("{}/openapi/async-export", base), body);
}

HttpRequest query_task(std::string_view base, std::string_view task_id) {
  return get_request(fmt::format("{}/async-tasks/{}", base, task_id));
}

HttpRequest create_group(std::string_view base, const Value& group) {
  Value body = Value::object();
  body.set("name", group.text("name")).set("remark", group.text("description"));
  return json_request("POST", fmt::format("{}/api-groups", base), body);
}

HttpRequest update_group(std::string_view base, std::string_view group_id, const Value& group) {
  HttpRequest request = create_group(base, group);
  request.method = "PUT";
  request.target += fmt::format("/{}", group_id);
  return request;
}

HttpRequest delete_group(std::string_view base, std::string_view group_id) {
  return delete_request(fmt::format("{}/api-groups/{}", base, group_id));
}

HttpRequest import_apis(std::string_view base, std::string_view group_id, const Step& step) {
  // Made of the document's digest, so that the same step is the same request and no document holds its own boundary.
  const std::string boundary = "sluice-" + sha256_hex(step.document).substr(0, 32);
  std::string body = part(boundary, "is_create_group", "false");
  body += part(boundary, "group_id", group_id);
  body += part(boundary, "extend_mode", to_string(step.extend_mode));
  body += part(boundary, "api_mode", to_string(step.api_mode));
  body += fmt::format(
      "--{}\r\nContent-Disposition: form-data; name=\"file_name\"; filename=\"sluice.json\"\r\n"
      "Content-Type: application/octet-stream\r\n\r\n",
      boundary);
  body += step.document;
  body += fmt::format("\r\n--{}--\r\n", boundary);
  return {"POST",
          fmt::format("{}/openapi/async-import", base),
          {{"Content-Type", "multipart/form-data; boundary=" + boundary}},
          std::move(body)};
}

HttpRequest publish_apis(std::string_view base, std::string_view env_id, const std::vector<std::string>& api_ids,
                         bool online) {
  Value ids = Value::array();
  for (const std::string& id : api_ids) ids.push(id);
  Value body = Value::object();
  body.set("apis", std::move(ids)).set("env_id", env_id).set("remark", "sluice");
  return json_request("POST", fmt::format("{}/apis/publish?action={}", base, online ? "online" : "offline"), body);
}

HttpRequest delete_api(std::string_view base, std::string_view api_id) {
  return delete_request(fmt::format("{}/apis/{}", base, api_id));
}

Age age_of_draft(std::string_view updated_at, std::string_view published_at) {
  constexpr std::chrono::seconds kSkew{1};
  const auto updated = parse_rfc3339(updated_at);
  const auto published = parse_rfc3339(published_at);
  if (!updated || !published) return Age::Unclear;
  if (*published > *updated) return Age::Older;
  return *updated > *published + kSkew ? Age::Newer : Age::Unclear;
}

Result<Page<ListedGroup>> read_groups(HttpResponse& answer) {
  return read_page<ListedGroup>(answer, "list of groups", "groups", group_from);
}

Result<ListedGroup> read_group(HttpResponse& answer) {
  const auto object = read_object(answer, "group");
  if (!object) return object.forward();
  if (object->text("id").empty()) return unreadable("group", "`id` is missing");
  return group_from(*object);
}

Result<Page<ListedEnvironment>> read_environments(HttpResponse& answer) {
  return read_page<ListedEnvironment>(answer, "list of environments", "envs", [](const Value& item) {
    return ListedEnvironment{std::string(item.text("id")), std::string(item.text("name"))};
  });
}

Result<Page<ListedApi>> read_apis(HttpResponse& answer) {
  return read_page<ListedApi>(answer, "list of APIs", "apis", [](const Value& item) {
    ListedApi api{std::string(item.text("id")), std::string(item.text("req_method")), std::string(item.text("req_uri")),
                  item.text("match_mode") == "SWA" ? "SWA" : "NORMAL", split(item.text("run_env_name"), '|')};
    api.env_ids = split(item.text("run_env_id"), '|');
    api.published_at = split(item.text("publish_time"), '|');
    api.publish_ids = split(item.text("publish_id"), '|');
    api.updated_at = item.text("update_time");
    const std::size_t count = api.published_in.empty() ? api.env_ids.size() : api.published_in.size();
    for (auto* list : {&api.env_ids, &api.published_at, &api.publish_ids}) {
      if (list->size() != count) list->clear();
    }
    api.uncarried = uncarried_by_documents(item);
    if (is_worth_keeping(api)) api.item = item;
    return api;
  });
}

Result<std::string> read_id(HttpResponse& answer) {
  const auto object = read_object(answer, "answer");
  if (!object) return object.forward();
  if (object->text("id").empty()) return unreadable("answer", "`id` is missing");
  return std::string(object->text("id"));
}

Result<std::string> read_task_id(HttpResponse& answer) {
  const auto object = read_object(answer, "answer to a task's start");
  if (!object) return object.forward();
  if (object->text("task_id").empty()) return unreadable("answer to a task's start", "`task_id` is missing");
  return std::string(object->text("task_id"));
}

Result<TaskAnswer> read_task(HttpResponse& answer) {
  make_result_a_text(answer.body);
  const auto members = read_strings_in_place(std::span<char>(answer.body.data(), answer.body.size()));
  if (!members) return unreadable("answer about a task", members.error().message);
  const auto text = [&](std::string_view key) {
    const auto span = find_text(*members, {key});
    return std::string_view(span.data(), span.size());
  };
  if (text("task_status").empty()) return unreadable("answer about a task", "`task_status` is missing");
  TaskAnswer task;
  task.task_id = text("task_id");
  if (text("task_status") == "succeed") task.state = TaskAnswer::State::Succeeded;
  if (text("task_status") == "failed") task.state = TaskAnswer::State::Failed;
  if (task.state != TaskAnswer::State::Running) task.result = find_text(*members, {"task_result"});
  return task;
}

Result<std::span<char>> read_exported_file(std::span<char> result) {
  if (result.empty()) return unreadable("export", "its result is empty");
  const auto members = read_strings_in_place(result);
  if (!members) return unreadable("export", members.error().message);
  // The documents' example and their field table name the text differently; both are read.
  const auto file = find_text(*members, {"Comment", "content"});
  if (file.empty()) return unreadable("export", "neither `Comment` nor `content` holds the file");
  return file;
}

Result<Value> read_exported_document(std::span<char> file) {
  // JSON is asked for; a gateway that gives YAML all the same is understood.
  const std::string_view text(file.data(), file.size());
  const std::size_t first = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  const bool yaml = first != std::string_view::npos && text[first] != '{';
  auto document = yaml ? parse_yaml(text) : parse_json_in_place(file);
  if (!document) return unreadable("exported file", document.error().message);
  return std::move(*document);
}

Result<std::vector<EntryResult>> read_import_entries(std::span<char> result, const std::vector<Prediction>& predicted) {
  auto object = parse_json_in_place(result);
  if (!object) return unreadable("import result", object.error().message);
  if (!object->is_object()) return unreadable("import result", "it is not a JSON object");
  std::vector<EntryResult> entries;
  const auto collect = [&](std::string_view key, const auto& judge) {
    const Value* list = object->find(key);
    if (list == nullptr) return;
    for (const Value& item : list->items()) {
      const Address* address = find_address(predicted, item.text("method"), item.text("path"));
      if (address == nullptr) continue;
      EntryResult entry{*address, judge(item), std::string(item.text("id")), std::string(item.text("error_code")),
                        std::string(item.text("error_msg"))};
      entries.push_back(std::move(entry));
    }
  };
  collect("success",
          [](const Value& item) { return item.text("action") == "update" ? Effected::Updated : Effected::Created; });
  collect("failure", [](const Value&) { return Effected::Failed; });
  collect("ignore", [](const Value&) { return Effected::Ignored; });
  // The result names APIs only: an import that succeeded took the definitions of policies, as the export will show.
  for (const Prediction& prediction : predicted) {
    if (prediction.address.group().empty()) entries.push_back({prediction.address, prediction.effect});
  }
  return entries;
}

Error read_task_error(std::span<char> result) {
  Error error{ErrorKind::Unavailable, "The task failed, and the gateway does not say why.", Effect::Unknown, {}};
  auto object = parse_json_in_place(result);
  if (!object || object->text("error_code").empty()) return error;
  error.code = object->text("error_code");
  error.message = fmt::format("The task failed: {} ({}).", object->text("error_msg"), error.code);
  return error;
}

Result<std::vector<EntryResult>> read_publish_entries(HttpResponse& answer, const std::map<std::string, Address>& by_id,
                                                      bool online) {
  const auto object = read_object(answer, "answer to publishing");
  if (!object) return object.forward();
  std::map<std::string, const Address*> by_plain_id;
  for (const auto& [id, address] : by_id) by_plain_id.emplace(plain_id(id), &address);
  std::vector<EntryResult> entries;
  const auto collect = [&](std::string_view key, Effected effect) {
    const Value* list = object->find(key);
    if (list == nullptr) return;
    for (const Value& item : list->items()) {
      const auto at = by_plain_id.find(plain_id(item.text("api_id")));
      if (at == by_plain_id.end()) continue;
      entries.push_back({*at->second, effect, std::string(item.text("publish_id")),
                         std::string(item.text("error_code")), std::string(item.text("error_msg"))});
    }
  };
  collect("success", online ? Effected::Published : Effected::Offline);
  collect("failure", Effected::Failed);
  // An API that an import took offline on its way is where it should be: APIG.3015, "the API is not published".
  for (EntryResult& entry : entries) {
    if (!online && entry.error_code == kNotPublished) entry = {entry.address, Effected::Offline};
  }
  return entries;
}

Error error_of(const HttpRequest& request, const HttpResponse& answer, bool sent_change) {
  const auto object = parse_json(answer.body);
  const std::string code(object ? object->text("error_code") : "");
  const std::string message(object ? object->text("error_msg") : "");
  const ErrorKind kind = kind_of(answer.status, code);
  const bool refused = answer.status >= 400 && answer.status < 500 && !code.empty();
  const bool sure = !sent_change || refused || is_throttled(answer);
  const std::string path = request.target.substr(0, request.target.find('?'));
  const std::string said = code.empty() ? "without saying why" : fmt::format("{} ({})", message, code);
  return {kind,
          fmt::format("{} {} was answered with status {}: {}. {}", request.method, path, answer.status, said,
                      next_move(kind, code)),
          sure ? Effect::None : Effect::Unknown, code};
}

}  // namespace sluice::apig
