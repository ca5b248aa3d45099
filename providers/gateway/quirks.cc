#include "providers/gateway/quirks.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "plan/diagnostic.h"

namespace sluice::gateway {
namespace {

constexpr std::string_view kImporting = "Importing APIs Asynchronously";
constexpr std::string_view kExporting = "Exporting APIs Asynchronously";
constexpr std::string_view kTasks = "Querying the Result of an Asynchronous Task";
constexpr std::string_view kExtensions = "Extended Definition";
constexpr std::string_view kErrors = "Error Codes";
constexpr std::string_view kGroups = "API Group Management";
constexpr std::string_view kLimits = "Notes and Constraints";
constexpr std::string_view kSystemTasks = "Querying a System Task";
constexpr std::string_view kHeaders = "Common Message Headers";
constexpr std::string_view kNobody;

constexpr std::size_t kEditionApis[] = {8000, 2000, 800, 250, 2'147'483'647};
constexpr std::chrono::milliseconds kRetentions[] = {std::chrono::hours(1), std::chrono::minutes(1)};

constexpr Quirk kQuirks[] = {
    {"ids", "random|sequential", 0, "", kNobody, "Whether ids are random or count up from 1.",
     [](Rules& r, std::size_t p) { r.sequential_ids = p == 1; }},
    {"default_group", "absent|present", 0, "", kGroups,
     "Whether an instance comes with the group DEFAULT (is_default 1), which cannot be deleted (APIG.1101).",
     [](Rules& r, std::size_t p) { r.default_group = p == 1; }},
    {"edition", "platinum|enterprise|professional|basic|unlimited", 0, "", kLimits,
     "How many APIs an instance holds: 8000, 2000, 800, 250, or as many as there are.",
     [](Rules& r, std::size_t p) { r.most_apis = kEditionApis[p]; }},
    {"clock_check", "on|off", 0, "", "Authentication",
     "Whether the X-Sdk-Date of a signature may be 15 minutes off at most.",
     [](Rules& r, std::size_t p) { r.check_clock = p == 0; }},
    {"define", "v2|any", 0, "1", kExporting, "Whether exports take the V1 words `base` and `full` as well.",
     [](Rules& r, std::size_t p) { r.v1_define = p == 1; }},
    {"export_keys", "example|text", 0, "2", kTasks,
     "Whether export results hold `FileName`, `FileType`, `Comment`, or `file_type`, `content`.",
     [](Rules& r, std::size_t p) { r.text_keys = p == 1; }},
    {"mock_mode", "missing|all", 0, "3", kImporting,
     "Whether mock_mode=true gives a MOCK backend to operations without one, or to all.",
     [](Rules& r, std::size_t p) { r.mock_everything = p == 1; }},
    {"merge", "ignore|failure", 0, "4", kImporting,
     "Where an existing API lands under api_mode=merge: in `ignore`, or in `failure` with APIG.3301.",
     [](Rules& r, std::size_t p) { r.merge_fails = p == 1; }},
    {"ignore", "present|absent", 0, "5", kTasks, "Whether import results have `ignore`.",
     [](Rules& r, std::size_t p) { r.omit_ignore = p == 1; }},
    {"conflict_key", "path|name", 0, "6", kImporting,
     "What an imported API meets first: the API of its method, path and match mode, or the API of its name.",
     [](Rules& r, std::size_t p) { r.match_names = p == 1; }},
    {"path_variables", "same|distinct", 0, "7", kImporting, "Whether `/a/{x}` and `/a/{y}` are one API.",
     [](Rules& r, std::size_t p) { r.distinct_variables = p == 1; }},
    {"override", "keep|unbind|offline|replace", 0, "8", kImporting,
     "What api_mode=override does to the old API: nothing more, end its bindings, take it offline, or make another "
     "one.",
     [](Rules& r, std::size_t p) { r.override_effect = static_cast<OverrideEffect>(p); }},
    {"bind", "publish|never", 0, "9", kImporting,
     "Whether publishing binds what an import named; with `never` a client must bind.",
     [](Rules& r, std::size_t p) { r.never_bind = p == 1; }},
    {"dropped_reference", "keep|unbind", 0, "9", kImporting,
     "Whether publishing ends what the imported draft no longer names.",
     [](Rules& r, std::size_t p) { r.unbind_dropped = p == 1; }},
    {"missing_policy", "fail|drop", 0, "10", kImporting,
     "Whether an operation that names a policy, plug-in or response that is not there fails, or loses the name.",
     [](Rules& r, std::size_t p) { r.drop_missing_policies = p == 1; }},
    {"channels", "named|checked", 0, "10", kImporting,
     "Whether VPC channels exist by being named, or must have been made (APIG.3023).",
     [](Rules& r, std::size_t p) { r.check_channels = p == 1; }},
    {"member_groups", "off|on", 0, "", kExtensions,
     "Whether backends of the type HTTP-VPC-MEMBER-GROUP are taken, which the service enables by ticket.",
     [](Rules& r, std::size_t p) { r.member_groups = p == 1; }},
    {"authorizers", "named|checked|created", 0, "10", kImporting,
     "Whether authorizers exist by being named, must have been made (APIG.3081), or are made by an import.",
     [](Rules& r, std::size_t p) { r.authorizers = static_cast<AuthorizerRule>(p); }},
    {"import_checks", "task|post", 0, "11", kImporting,
     "Where a document that fails as a whole is refused: by the task, or by the POST.",
     [](Rules& r, std::size_t p) { r.check_at_post = p == 1; }},
    {"too_many_apis", "task|post", 0, "12", kImporting,
     "Where more than 300 operations are refused (APIG.3127): by the task, or by the POST.",
     [](Rules& r, std::size_t p) { r.count_at_post = p == 1; }},
    {"concurrent_tasks", "4", 64, "13", kTasks, "How many tasks of an instance run at once.",
     [](Rules& r, std::size_t p) { r.concurrent_tasks = p; }},
    {"task_retention", "forever|1h|1m", 0, "13", kTasks, "How long a finished task can be asked for.",
     [](Rules& r, std::size_t p) {
       r.retention.reset();
       if (p > 0) r.retention = kRetentions[p - 1];
     }},
    {"import_size", "64", 64, "14", kImporting, "The megabytes that a document may have (APIG.3603).",
     [](Rules& r, std::size_t p) { r.import_megabytes = p; }},
    {"env_id", "required|optional", 0, "15", kExporting,
     "Whether an export without env_id is refused, or means RELEASE.",
     [](Rules& r, std::size_t p) { r.optional_environment = p == 1; }},
    {"dev", "all|unpublished", 0, "16", kExporting,
     "Whether define=dev exports all APIs of the group, or those that env_id does not have.",
     [](Rules& r, std::size_t p) { r.dev_only_unpublished = p == 1; }},
    {"dev_definition", "draft|runtime", 0, "16", kExporting,
     "Whether define=dev shows drafts, or of a published API what env_id runs.",
     [](Rules& r, std::size_t p) { r.dev_as_published = p == 1; }},
    {"status", "page|table", 0, "17", kErrors,
     "Which HTTP status goes with APIG.1005, APIG.3415, APIG.3416: that of the call's page (403, 412, 409) or of the "
     "table (401, 403, 403).",
     [](Rules& r, std::size_t p) { r.table_status = p == 1; }},
    {"group_delete", "refuse|cascade", 0, "18", kGroups, "Whether deleting a group deletes its APIs.",
     [](Rules& r, std::size_t p) { r.cascade = p == 1; }},
    {"samples", "beside|inside", 0, "19", kExtensions,
     "Where exports put the samples of results: beside `default`, or inside it.",
     [](Rules& r, std::size_t p) { r.samples_inside = p == 1; }},
    {"condition_words", "short|documented", 0, "21", kExtensions,
     "Whether exported conditions say `param`, `exact`, `parameter`, or `request`, `equal`, `parameter_name`.",
     [](Rules& r, std::size_t p) { r.documented_words = p == 1; }},
    {"title", "narrow|wide", 0, "23", kGroups, "Which titles an import accepts for a new group.",
     [](Rules& r, std::size_t p) { r.wide_titles = p == 1; }},
    {"required_extensions", "default|refuse", 0, "24", kExtensions,
     "Whether request-type, match-mode and cors have defaults, or an operation without them fails (APIG.2001).",
     [](Rules& r, std::size_t p) { r.require_extensions = p == 1; }},
    {"iam_none", "refuse|none", 0, "25", kExtensions,
     "Whether the authentication IAM_NONE is unknown, or means no authentication.",
     [](Rules& r, std::size_t p) { r.iam_none = p == 1; }},
    {"operation_id", "generate|refuse", 0, "26", kImporting,
     "Whether an operation without operationId gets a name, or fails (APIG.2001).",
     [](Rules& r, std::size_t p) { r.require_name = p == 1; }},
    {"export_case", "upper|lower", 0, "28", kExporting,
     "Whether backend parameters are exported with `in` in upper or in lower case.",
     [](Rules& r, std::size_t p) { r.lower_case = p == 1; }},
    {"auth_headers", "refuse|accept", 0, "29", kExtensions,
     "Whether header parameters named Authorization and X-Auth-Token fail an operation.",
     [](Rules& r, std::size_t p) { r.accept_auth_headers = p == 1; }},
    {"json_import", "refuse|accept", 0, "30", "Importing APIs",
     "Whether the synchronous import takes a JSON body with a member `swagger` as well.",
     [](Rules& r, std::size_t p) { r.json_import = p == 1; }},
    {"acl_domain", "accept|refuse", 0, "31", kExtensions,
     "Whether documents may define access control policies on anything but IP.",
     [](Rules& r, std::size_t p) { r.refuse_acl_domains = p == 1; }},
    {"import_outcome", "succeed|failed", 0, "32", kTasks,
     "How an import ends of which an operation failed: `succeed`, or `failed` with the lists beside the error.",
     [](Rules& r, std::size_t p) { r.failures_fail = p == 1; }},
    {"export_text", "spliced|plain", 0, "33", kTasks,
     "Whether exported JSON has its last key set apart and a dot in `FileType`, or neither.",
     [](Rules& r, std::size_t p) { r.plain_text = p == 1; }},
    {"swagger_object", "filled|absent", 0, "34", kTasks, "Whether import results have `swagger`.",
     [](Rules& r, std::size_t p) { r.omit_swagger = p == 1; }},
    {"group_missing", "group|instance", 0, "35", kGroups,
     "Whether details of an unknown group are APIG.3001, or APIG.3030 as on the call's page.",
     [](Rules& r, std::size_t p) { r.blame_instance = p == 1; }},
    {"offline_unpublished", "refuse|accept", 0, "", "Publishing an API or Taking an API Offline",
     "Whether taking an unpublished API offline is APIG.3015, or done.",
     [](Rules& r, std::size_t p) { r.accept_offline = p == 1; }},
    {"dlf_codes", "short|long", 0, "D2", kSystemTasks,
     "Whether an unknown task or workspace is DLF.0810 or DLF.0819, or DLF.20810 or DLF.20819.",
     [](Rules& r, std::size_t p) { r.dataarts.long_codes = p == 1; }},
    {"workspace", "optional|required", 0, "", kHeaders,
     "Whether a request without the header `workspace` means the default workspace, or is refused (DLF.0819).",
     [](Rules& r, std::size_t p) { r.dataarts.workspace_required = p == 1; }},
    {"unreadable_package", "post|task", 0, "D6", "Importing a Job",
     "Where a package that cannot be read is refused: by the POST (DLF.0815), or by a task that fails with a message.",
     [](Rules& r, std::size_t p) { r.dataarts.unreadable_task = p == 1; }},
    {"task_times", "integer|text", 0, "", kSystemTasks, "Whether the times of system tasks are numbers or texts.",
     [](Rules& r, std::size_t p) { r.dataarts.text_times = p == 1; }},
    {"partial_import", "failed|warning", 0, "D3", kSystemTasks,
     "How a system task ends of which a job failed: `FAILED` or `WARNING`.",
     [](Rules& r, std::size_t p) { r.dataarts.warning = p == 1; }},
    {"skipped_job", "successful|absent|warning", 0, "D5", "Importing a Job",
     "What sameNamePolicy=SKIP shows of a job that is there already: a subtask `SUCCESSFUL`, none, or one `WARNING`.",
     [](Rules& r, std::size_t p) { r.dataarts.skip = static_cast<SkipReport>(p); }},
    {"subtask_message", "absent|present", 0, "", kSystemTasks, "Whether a failed subtask says why.",
     [](Rules& r, std::size_t p) { r.dataarts.subtask_messages = p == 1; }},
    {"task_language", "asked|english|chinese", 0, "", kSystemTasks,
     "The language of task names: that of X-Language, or always the same.",
     [](Rules& r, std::size_t p) { r.dataarts.language = static_cast<Language>(p); }},
    {"package_tree", "page|single|batch", 0, "D7", "Exporting a Job",
     "The folders in exported packages: those of each call's page, or those of one of the two pages for both calls.",
     [](Rules& r, std::size_t p) { r.dataarts.tree = static_cast<PackageTree>(p); }},
    {"job_keys", "documented|observed", 0, "", "Exporting a Job",
     "Whether exported jobs have only what is documented, or also what real exports were seen with.",
     [](Rules& r, std::size_t p) { r.dataarts.observed_keys = p == 1; }},
    {"location", "text|number", 0, "D9", "Creating a Job",
     "Whether the coordinates of nodes come back as texts or as numbers.",
     [](Rules& r, std::size_t p) { r.dataarts.number_location = p == 1; }},
    {"list_offset", "record|page", 0, "D12", "Viewing a Job List",
     "Whether the offset of DataArts lists counts records or pages.",
     [](Rules& r, std::size_t p) { r.dataarts.page_offset = p == 1; }},
    {"job_directory", "present|absent", 0, "D16", "Viewing Job Details", "Whether details of a job have its directory.",
     [](Rules& r, std::size_t p) { r.dataarts.omit_directory = p == 1; }},
    {"buckets", "named|made", 0, "", "Uploading Objects - PUT",
     "Whether a bucket exists by being named, or must have been made (NoSuchBucket).",
     [](Rules& r, std::size_t p) { r.dataarts.made_buckets = p == 1; }},
};

}  // namespace

std::span<const Quirk> quirks() { return kQuirks; }

std::vector<std::string_view> positions_of(const Quirk& quirk) {
  std::vector<std::string_view> out;
  std::string_view rest = quirk.positions;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('|'), rest.size());
    out.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

std::string describe_positions(const Quirk& quirk) {
  if (quirk.largest > 0) return fmt::format("{}, or 1 to {}", quirk.positions, quirk.largest);
  return fmt::format("{}", fmt::join(positions_of(quirk), ", "));
}

Result<void> set_quirk(Rules& rules, std::string_view name, std::string_view position) {
  const auto* quirk =
      std::find_if(std::begin(kQuirks), std::end(kQuirks), [&](const Quirk& q) { return q.name == name; });
  if (quirk == std::end(kQuirks)) {
    std::vector<std::string_view> names;
    for (const Quirk& q : kQuirks) names.push_back(q.name);
    const std::string near = did_you_mean(name, names);
    return fail(ErrorKind::Invalid,
                fmt::format("unknown quirk {}={}. {}", name, position,
                            near.empty() ? "Run `sluice gateway quirks` for a list." : "Did you mean " + near + "?"));
  }
  const auto words = positions_of(*quirk);
  const auto at = std::find(words.begin(), words.end(), position);
  if (quirk->largest == 0 && at != words.end()) {
    quirk->set(rules, static_cast<std::size_t>(at - words.begin()));
    return {};
  }
  std::size_t number = 0;
  const auto [end, code] = std::from_chars(position.data(), position.data() + position.size(), number);
  const bool whole = code == std::errc() && end == position.data() + position.size();
  if (whole && number >= 1 && number <= quirk->largest) {
    quirk->set(rules, number);
    return {};
  }
  return fail(ErrorKind::Invalid,
              fmt::format("unknown quirk {}={}. Its positions are {}.", name, position, describe_positions(*quirk)));
}

}  // namespace sluice::gateway
