// A gateway in memory: the executable definition of the Provider contract, and a fast peer for tests.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "providers/provider.h"

namespace sluice {

/// Holds groups, drafts and publications; imports and exports take `polls_per_task` polls to end.
class MemoryProvider final : public Provider {
 public:
  explicit MemoryProvider(int polls_per_task = 0, std::set<std::string> environments = {"RELEASE"});

  GatewayIdentity identity() const override;
  Capabilities capabilities() const override { return {}; }
  Result<Task> start_export(const ExportRequest& request) override;
  Result<Task> start(const Step& step, const RemoteIds& ids) override;
  Result<TaskStatus> poll(Task& task) override;
  Task resume(const std::string& id, const std::string& group) override;

  /// How many steps were sent.
  std::size_t changes_sent() const;

  /// What APIs may name; none of it is ever looked at otherwise.
  void set_objects(GatewayObjects objects);

 private:
  struct Api {
    Address address;
    Value body;
    std::map<std::string, Value> published;  ///< by environment
  };
  struct Group {
    std::string description;
    std::map<Address, Api> apis;
    std::map<std::string, Value> responses;  ///< by name
  };
  struct Pending;

  LiveState snapshot(const ExportRequest& request) const;
  LiveState policies(const ExportRequest& request) const;
  GatewayObjects objects(const ExportRequest& request) const;
  std::vector<EntryResult> carry_out(const Step& step);
  std::vector<EntryResult> import(Group& group, const Step& step);
  void define_policies(const Value& document, const Step& step, std::vector<EntryResult>& entries);
  EntryResult delete_policy(const Address& address);
  static EntryResult change_response(Group& group, const Step& step);
  EntryResult set_publication(Group& group, const Prediction& prediction, bool online);
  EntryResult delete_api(Group& group, const Address& address);
  EntryResult change_group(const Step& step);

  mutable std::mutex mutex_;
  int polls_per_task_;
  std::set<std::string> environments_;
  std::map<std::string, Group> groups_;
  std::map<Address, Value> policies_;
  GatewayObjects objects_;
  std::size_t changes_sent_ = 0;
};

}  // namespace sluice
