// Requests and answers of the API Gateway V2 management API, as values: nothing is sent here.
// Source of every format: APIG API reference V2, "Asynchronous Task Management", "API Group Management",
// "Environment Management", "API Management".
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/step.h"
#include "providers/http/transport.h"
#include "providers/provider.h"

namespace sluice::apig {

/// "/v2/{project}/apigw/instances/{instance}", the front of every target.
std::string base_path(std::string_view project_id, std::string_view instance_id);

HttpRequest find_group(std::string_view base, std::string_view name, std::size_t offset);
HttpRequest list_groups(std::string_view base, std::size_t offset);
HttpRequest show_group(std::string_view base, std::string_view group_id);
HttpRequest list_environments(std::string_view base, std::size_t offset);
HttpRequest list_apis(std::string_view base, std::string_view group_id, std::size_t offset);
/// `define` is "dev" for drafts, "all" for what is published in the environment. The file's info.version is fixed, so
/// that equal definitions make equal files.
HttpRequest export_group(std::string_view base, std::string_view group_id, std::string_view env_id,
                         std::string_view define);
HttpRequest query_task(std::string_view base, std::string_view task_id);
HttpRequest create_group(std::string_view base, const Value& group);
HttpRequest update_group(std::string_view base, std::string_view group_id, const Value& group);
HttpRequest delete_group(std::string_view base, std::string_view group_id);
/// multipart/form-data with text parts first and the file part last.
HttpRequest import_apis(std::string_view base, std::string_view group_id, const Step& step);
/// At most kPublishedAtOnce ids.
inline constexpr std::size_t kPublishedAtOnce = 1000;
HttpRequest publish_apis(std::string_view base, std::string_view env_id, const std::vector<std::string>& api_ids,
                         bool online);
HttpRequest delete_api(std::string_view base, std::string_view api_id);

/// One page of a list.
template <typename T>
struct Page {
  std::optional<std::size_t> total;  ///< nothing when the answer does not tell
  std::vector<T> items;
};

/// How many items a list is asked for at once.
inline constexpr std::size_t kPageSize = 500;

HttpRequest get_request(std::string target);
HttpRequest delete_request(std::string target);
HttpRequest json_request(std::string method, std::string target, const Value& body);
/// Ids are written with dashes or without; this is without.
std::string plain_id(std::string_view id);
/// An answer that is not as documented. Whether anything was changed is unknown.
Unexpected<Error> unreadable(std::string_view what, std::string_view why);
/// A list answer with items under `key` and mostly a "total". Decodes inside the answer's body.
Result<Value> read_list(HttpResponse& answer, std::string_view what, std::string_view key);

/// One page of a list answer, each item through `read`.
template <typename T, typename Read>
Result<Page<T>> read_page(HttpResponse& answer, std::string_view what, std::string_view key, const Read& read) {
  const auto object = read_list(answer, what, key);
  if (!object) return object.forward();
  Page<T> page;
  const Value* total = object->find("total");
  if (total != nullptr && total->is_integer()) page.total = static_cast<std::size_t>(total->as_integer());
  for (const Value& item : object->find(key)->items()) page.items.push_back(read(item));
  return page;
}

struct ListedGroup {
  std::string id;
  std::string name;
  std::string remark;
};
struct ListedEnvironment {
  std::string id;
  std::string name;
};
struct ListedApi {
  std::string id;
  std::string method;
  std::string path;
  std::string match_mode;
  std::vector<std::string> published_in;  ///< names of environments
  std::vector<std::string> env_ids = {};  ///< in the same order, as the next
  std::vector<std::string> publish_ids = {};
  std::vector<std::string> published_at = {};  ///< RFC 3339, in the same order; empty when the list does not say
  std::string updated_at = {};                 ///< RFC 3339; of the draft
  std::vector<std::string> uncarried = {};     ///< see Resource::uncarried, as far as the list tells
  Value item = {};                             ///< as listed, where the draft may be newer than what is published
};

/// Whether a draft was changed after it was published; Unclear when a time is missing or it was less than a second
/// later: publishing itself may count as a change, and some times have whole seconds only.
enum class Age { Older, Unclear, Newer };
Age age_of_draft(std::string_view updated_at, std::string_view published_at);

/// These decode inside the answer's body, which is left in pieces.
Result<Page<ListedGroup>> read_groups(HttpResponse& answer);
Result<ListedGroup> read_group(HttpResponse& answer);
Result<Page<ListedEnvironment>> read_environments(HttpResponse& answer);
Result<Page<ListedApi>> read_apis(HttpResponse& answer);
/// The "id" of a created object.
Result<std::string> read_id(HttpResponse& answer);
/// The "task_id" of an accepted task.
Result<std::string> read_task_id(HttpResponse& answer);

/// An answer to query_task. `text` is the exported file, or the result's JSON; it points into the answer's body.
struct TaskAnswer {
  enum class State { Running, Succeeded, Failed } state = State::Running;
  std::string task_id;
  std::span<char> result;  ///< of an ended task
};
/// Decodes inside `answer.body`. A status that is not known counts as running.
Result<TaskAnswer> read_task(HttpResponse& answer);
/// The exported file inside a succeeded export's result, decoded in place.
Result<std::span<char>> read_exported_file(std::span<char> result);
/// The document in that file, decoded in place.
Result<Value> read_exported_document(std::span<char> file);
/// The entries of a succeeded import, matched to the resources of `predicted` by method and path.
Result<std::vector<EntryResult>> read_import_entries(std::span<char> result, const std::vector<Prediction>& predicted);
/// The error inside a failed task's result; whether anything was changed is unknown.
Error read_task_error(std::span<char> result);
/// Published or taken offline, by API id.
Result<std::vector<EntryResult>> read_publish_entries(HttpResponse& answer, const std::map<std::string, Address>& by_id,
                                                      bool online);

/// What an answer that is not 2xx means. `sent_change` says that the request would have changed something: then only a
/// 4xx with a well-formed error body, or one that says "too many requests", is sure to have changed nothing.
Error error_of(const HttpRequest& request, const HttpResponse& answer, bool sent_change);

}  // namespace sluice::apig
