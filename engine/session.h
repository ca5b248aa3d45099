// What every command starts from: the manifest, its files, the gateway and the state.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/options.h"
#include "engine/reconciler.h"
#include "engine/state_store.h"
#include "plan/desired.h"
#include "plan/manifest.h"
#include "providers/http/gate.h"
#include "providers/provider.h"

namespace sluice {

/// The process's environment, as the engine may use it.
using Environment = Variables;

/// The manifest, with what it includes and the values of its variables: --var, then --var-file (the last wins), then
/// the environment. Of a manifest with errors `readable`, where wanted, gets the groups in which nothing is wrong.
Parsed<Manifest> load_manifest(const Invocation& invocation, const Environment& environment,
                               Manifest* readable = nullptr);

/// What every group's Swagger files ask for, and the files that were read for it.
struct LoadedGroups {
  std::vector<GroupRequest> groups;
  std::vector<std::string> files;
};

/// Reads every group's Swagger files: the groups to plan, or all that is wrong with them. `explanations` as in
/// build_desired.
Parsed<LoadedGroups> load_groups(const Manifest& manifest, Explanations* explanations = nullptr);

/// The Swagger files of one group, as they are named, sorted, each once. What cannot be found is reported.
std::vector<FilePattern> swagger_files(const GroupSettings& group, Diagnostics& diagnostics);

/// One Swagger file, read and parsed. Nothing after a finding.
std::optional<SwaggerFile> read_swagger_file(const FilePattern& file, Diagnostics& diagnostics);

/// A connected gateway and whatever it needs to live.
class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() = default;
  virtual Provider& provider() = 0;
  /// Whether a call waits for somebody else. If not, lending it a thread would only cost.
  virtual bool calls_wait() const = 0;
  /// Requests that wait (to be repeated, or for their turn) give up: the run is to end.
  virtual void stop_waiting() {}
  /// What requests that change the gateway pass, right before they leave.
  Gate& gate() { return gate_; }

 private:
  Gate gate_;
};

/// Connects to the manifest's gateway; nothing is sent yet. Errors: Refused when cloud credentials are set and the
/// manifest names no gateway, and for what --untrusted forbids; Denied for missing credentials; Invalid for bad
/// settings. With `may_create` false, an embedded gateway without data is an empty one that leaves no file behind.
Result<std::unique_ptr<Connection>> connect(const Manifest& manifest, const std::string& manifest_path,
                                            const Invocation& invocation, const Environment& environment, Clock& clock,
                                            bool may_create);

/// An embedded gateway has no endpoint to name. Errors: Refused with --untrusted, else Invalid.
Result<void> check_endpoint(const Manifest& manifest, const Invocation& invocation);

/// Where the state is, a file or a postgres:// URL: --state, or the manifest's.
Result<std::string> state_path(const Invocation& invocation, const Manifest& manifest,
                               const std::string& manifest_path);

/// Refused when the state holds something of another gateway.
Result<void> check_same_gateway(const StateSnapshot& state, const GatewayIdentity& gateway);

}  // namespace sluice
