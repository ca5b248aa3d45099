// The manifest: which groups a gateway should hold, and where their Swagger files are.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plan/address.h"
#include "plan/diagnostic.h"
#include "plan/source.h"
#include "plan/value.h"

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
};

/// Which operations of its files a group takes: kinds of condition AND, values of one kind OR. Empty takes all.
struct Selection {
  std::vector<std::string> paths;    ///< globs of the path with basePath
  std::vector<std::string> tags;     ///< of the operation in the file
  std::vector<std::string> methods;  ///< upper case
  std::vector<std::string> exclude;  ///< globs of "METHOD /path"
  SourceSpan at;
  bool empty() const { return paths.empty() && tags.empty() && methods.empty() && exclude.empty(); }
};

/// A JSON merge patch (RFC 7396; keyed lists by key) over the operations whose "METHOD /path" matches.
struct Override {
  std::string match;
  Value set;
  SourceSpan at;
};

/// A throttling policy, access control policy or group response as a file defines it: the body is in the words of the
/// Swagger extension.
struct PolicyDefinition {
  Address address;
  Value body;
  SourceSpan at;
};

/// What of a group's own resources may be deleted.
enum class Prune { None, Managed };

struct GroupSettings {
  std::string name;
  std::optional<std::string> description;  ///< absent: the first file's info.description
  std::string owner;
  std::vector<std::string> swagger;  ///< paths and globs, relative to the manifest that names them
  SourceSpan swagger_at;
  Selection select;
  std::vector<std::string> environments = {"RELEASE"};
  Prune prune = Prune::Managed;
  OperationDefaults operations;
  std::vector<Override> overrides;  ///< in order
  bool drop_unsupported = false;    ///< leave out what the gateway cannot hold, where that is an error otherwise
  SourceSpan at;
};

struct Manifest {
  GatewaySettings gateway;
  std::string state = ".sluice/state.db";
  std::vector<GroupSettings> groups;
  std::vector<PolicyDefinition> policies;  ///< `ratelimits` and `acls`
  std::vector<Address> external;           ///< must exist; never changed or deleted
};

/// Whether a variable of this name holds a credential: a manifest may never spell it into its text.
bool is_credential_name(std::string_view name);

/// Values for ${NAME}.
using Variables = std::map<std::string, std::string, std::less<>>;

/// Reads a manifest, JSON or YAML, with variables expanded in its scalars and `defaults` laid under each group.
/// Keys of the contract that this version does not carry out are errors that say so.
Parsed<Manifest> parse_manifest(const SourceText& source, const Variables& variables);

}  // namespace sluice
