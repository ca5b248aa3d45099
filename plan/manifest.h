// The manifest: which groups a gateway should hold, and where their Swagger files are.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plan/address.h"
#include "plan/diagnostic.h"
#include "plan/ignore.h"
#include "plan/moves.h"
#include "plan/overrides.h"
#include "plan/protect.h"
#include "plan/risk_settings.h"
#include "plan/select.h"
#include "plan/source.h"
#include "plan/step.h"
#include "plan/value.h"
#include "plan/variables.h"

namespace sluice {

/// Where a gateway is. Paths are relative to the manifest; latency is of the embedded gateway's tasks.
struct GatewaySettings {
  bool given = false;  ///< false: the manifest has no gateway block
  std::string provider = "embedded";
  std::string cloud = "huawei";
  std::string region;    ///< fills in endpoints that are not given
  std::string endpoint;  ///< "": by cloud and region
  std::string iam_endpoint;
  std::string project_id;
  std::string instance_id;
  std::string ca_file;
  std::string cert_file;  ///< of a client certificate, with key_file
  std::string key_file;
  std::vector<std::string> credentials_command;  ///< a program and its arguments; empty: the environment has them
  std::string data = ".sluice/gateway.db";
  std::string latency = "0s";
  std::map<std::string, std::string> quirks =
      {};  ///< switches of the embedded gateway, as `sluice gateway quirks` has them
  std::map<std::string, SourceSpan> quirks_at = {};  ///< where these stand
  SourceSpan latency_at = {};
  std::string faults;  ///< a file of what goes wrong in it on purpose
  std::size_t apis_per_import = 300;
  std::size_t requests_per_second = 0;  ///< 0: not given
  SourceSpan at;
};

/// What `operations` fills in where a Swagger file says nothing itself.
struct OperationDefaults {
  std::string name = "{operationId}";
  std::optional<Value> security;  ///< as in the api schema table
  std::string request_type;
  std::optional<Value> schemes;
  std::optional<Value> backend;  ///< as written: type, address, scheme, timeout, path …
  bool forward_all_parameters = false;
  std::string response;
  std::string ratelimit;             ///< name of a throttling policy
  std::string acl;                   ///< name of an access control policy
  std::vector<std::string> plugins;  ///< names
  SourceSpan auth_at = {};           ///< where these stand, as the next five
  SourceSpan backend_at = {};
  SourceSpan response_at = {};
  SourceSpan ratelimit_at = {};
  SourceSpan acl_at = {};
  std::vector<SourceSpan> plugins_at = {};  ///< one for each name
};

/// A path or glob that a manifest names, as seen from the file that names it: `at.file`.
struct FilePattern {
  std::string text;
  SourceSpan at;
  bool operator==(const FilePattern&) const = default;
};

/// A throttling policy, access control policy or group response as a file defines it: the body is in the words of the
/// Swagger extension.
struct PolicyDefinition {
  Address address;
  Value body;
  SourceSpan at;
};

/// What of a group's own resources may be deleted: nothing, what Sluice owns, or what others made too.
enum class Prune { None, Managed, All };

struct GroupSettings {
  std::string name;
  std::string renamed_from;  ///< what it was called before; "" unless given
  SourceSpan renamed_from_at = {};
  std::optional<std::string> description;  ///< absent: the first file's info.description
  std::string owner;
  std::vector<FilePattern> swagger;
  Selection select;
  std::vector<std::string> environments = {"RELEASE"};
  std::map<std::string, SourceSpan> environments_at = {};  ///< those that the manifest names
  Prune prune = Prune::Managed;
  OperationDefaults operations;
  std::vector<Override> overrides;  ///< in order
  bool drop_unsupported = false;    ///< leave out what the gateway cannot hold, where that is an error otherwise
  std::vector<IgnoreRule> ignore = {};
  std::vector<ProtectRule> protect = {};
  std::vector<std::string> sensitive = {};  ///< paths, as those of `ignore`, whose texts are never kept or shown
  ForcedModes modes;
  RiskSettings risks;
  SourceSpan at;
};

struct Manifest {
  GatewaySettings gateway;
  std::string state = ".sluice/state.db";
  std::vector<GroupSettings> groups;
  std::vector<PolicyDefinition> policies;  ///< `ratelimits` and `acls`
  std::vector<Address> external;           ///< must exist; never changed or deleted
  std::vector<MoveRule> moved;             ///< APIs that went to another group
  RiskSettings risks;                      ///< of the manifest's `defaults`: those of policies
  std::vector<std::string> files;          ///< the manifest, then what it includes
  Secrets secrets;                         ///< what marks in groups and policies stand for
  bool partial = false;                    ///< only the groups in which nothing is wrong, of a manifest with errors
};

class BlockReader;

/// Reads a manifest, JSON or YAML, and the files that it includes, which somebody else finds: variables are expanded in
/// scalars, and `defaults` are laid under each group. Keys of the contract that this version does not carry out are
/// errors that say so.
class ManifestReader {
 public:
  explicit ManifestReader(VariableSources sources);
  ManifestReader(const ManifestReader&) = delete;
  ManifestReader& operator=(const ManifestReader&) = delete;
  ~ManifestReader();

  /// Reads the next file: first the manifest, then each included one, with the index (in order of reading) of the file
  /// that includes it. What it includes itself.
  std::vector<FilePattern> read(SourceText source, std::size_t included_by = 0);

  /// Adds something that is wrong with finding the files.
  void report(Diagnostic diagnostic);

  /// The whole, or all that is wrong with it.
  Parsed<Manifest> finish();

  /// After an unhappy finish(): the groups that nothing wrong concerns, so that their files can be looked at too.
  Manifest readable() const;

 private:
  /// A part of a file, up to where the next thing starts.
  struct Extent {
    SourceSpan from;
    std::optional<SourceSpan> to;
  };
  void read_top(const Value& root, bool included);
  void read_groups(const Value& root, bool included);
  void check_group_names();
  Extent extent_in(const Value& root, std::uint32_t from) const;

  std::unique_ptr<BlockReader> reader_;
  std::vector<Value> defaults_;  ///< of each file, with those of the files that include it below
  Manifest manifest_;
  std::vector<Extent> group_extents_;  ///< of manifest_.groups
  std::vector<char> read_well_;        ///< the same
  std::vector<Extent> defaults_extents_;
  Diagnostics found_;  ///< by finish()
};

/// A manifest in one file.
Parsed<Manifest> parse_manifest(const SourceText& source, const Variables& variables,
                                const Variables& environment = {});

}  // namespace sluice
