// The API Gateway of Huawei Cloud and Open Telekom Cloud (dedicated gateways, V2), and the embedded one.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "providers/apig/calls.h"
#include "providers/http/transport.h"
#include "providers/provider.h"

namespace sluice {

namespace apig {
struct ListedGroup;
}

struct ApigSettings {
  GatewayIdentity identity;  ///< what plans and state are bound to
  Capabilities capabilities;
};

/// Speaks through `transport`, which must outlive it. Exports run as asynchronous tasks: one for the drafts, one for
/// each environment that serves something.
class ApigProvider final : public Provider {
 public:
  ApigProvider(Transport& transport, ApigSettings settings);
  ~ApigProvider() override;

  GatewayIdentity identity() const override { return settings_.identity; }
  Capabilities capabilities() const override { return settings_.capabilities; }
  Result<Task> start_export(const ExportRequest& request) override;
  Result<Task> start(const Step& step, const RemoteIds& ids) override;
  Result<TaskStatus> poll(Task& task) override;
  Task resume(const std::string& id, const std::string& group) override;

 private:
  class Export;
  class Import;
  class Answered;
  class Seen;

  Result<std::map<std::string, std::string>> environment_ids();
  Result<std::optional<apig::ListedGroup>> find_by_id(const std::string& id);
  Result<std::string> environment_id(const std::string& name);
  Result<Task> start_at_once(const Step& step, const std::string& group_id, const RemoteIds& ids);
  Result<Task> start_publishing(const Step& step, const RemoteIds& ids);
  Result<TaskStatus> poll_export(Export& detail);
  Result<TaskStatus> poll_import(const std::string& id, const std::vector<Prediction>& predicted);

  Transport& transport_;
  ApigSettings settings_;
  apig::Calls calls_;
  std::mutex mutex_;
  std::map<std::string, std::string> environments_;  ///< ids by name, as last seen
};

}  // namespace sluice
