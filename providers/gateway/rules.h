// How a gateway behaves where the service's documents leave it open; quirks.h has the switches that decide it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace sluice::gateway {

/// What an import does to an API that it overwrites, besides giving it another draft.
enum class OverrideEffect : std::uint8_t { Keep, Unbind, Offline, Replace };

/// What an import asks of the authorizers that a document names.
enum class AuthorizerRule : std::uint8_t { Named, Checked, Created };

/// The language of DataArts task names: as X-Language asks, or always the same.
enum class Language : std::uint8_t { Asked, English, Chinese };

/// How an import under SKIP shows a job that is there already.
enum class SkipReport : std::uint8_t { Successful, Absent, Warning };

/// The trees inside exported packages: one each for a single and for many jobs, or one of them for both.
enum class PackageTree : std::uint8_t { ByPage, Single, Batch };

/// The switches of DataArts and of object storage.
struct DataArtsRules {
  bool long_codes = false;
  bool workspace_required = false;
  bool unreadable_task = false;
  bool text_times = false;
  bool warning = false;
  SkipReport skip = SkipReport::Successful;
  bool subtask_messages = false;
  Language language = Language::Asked;
  PackageTree tree = PackageTree::ByPage;
  bool observed_keys = false;
  bool number_location = false;
  bool page_offset = false;
  bool omit_directory = false;
  bool made_buckets = false;
};

/// The positions of all switches; each default is the first position.
struct Rules {
  bool sequential_ids = false;
  bool wide_titles = false;
  bool table_status = false;
  bool check_clock = true;
  bool v1_define = false;
  bool optional_environment = false;
  bool dev_only_unpublished = false;
  bool dev_as_published = false;
  bool text_keys = false;
  bool plain_text = false;
  bool lower_case = false;
  bool documented_words = false;
  bool samples_inside = false;
  bool mock_everything = false;
  bool merge_fails = false;
  bool omit_ignore = false;
  bool match_names = false;
  bool distinct_variables = false;
  OverrideEffect override_effect = OverrideEffect::Keep;
  bool never_bind = false;
  bool unbind_dropped = false;
  bool drop_missing_policies = false;
  bool check_channels = false;
  bool member_groups = false;  ///< backends that name a URL for each member group of a channel
  AuthorizerRule authorizers = AuthorizerRule::Named;
  bool check_at_post = false;
  bool count_at_post = false;
  std::size_t import_megabytes = 64;
  std::optional<std::chrono::milliseconds> retention;  ///< of finished tasks; nothing is forever
  bool cascade = false;
  bool require_extensions = false;
  bool iam_none = false;
  bool require_name = false;
  bool accept_auth_headers = false;
  bool json_import = false;
  bool refuse_acl_domains = false;
  bool failures_fail = false;
  bool omit_swagger = false;
  bool blame_instance = false;
  bool accept_offline = false;
  bool default_group = false;
  std::size_t most_apis = 8000;  ///< of an instance, by edition
  std::size_t concurrent_tasks = 4;
  std::chrono::milliseconds latency{0};
  DataArtsRules dataarts = {};
};

}  // namespace sluice::gateway
