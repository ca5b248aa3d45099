// How a resource is named in messages, plans, state and on the command line.
#pragma once

#include <string>
#include <string_view>

#include "plan/result.h"

namespace sluice {

/// `group.NAME`, `api.GROUP["METHOD /path"]`, `publication.GROUP.ENV["METHOD /path"]`, `response.GROUP.NAME`, or, for
/// what belongs to the gateway and not to a group, `ratelimit.NAME` and `acl.NAME`. Prefix match adds " SWA" to the
/// quoted part. Two addresses are equal when they name the same thing on a gateway: the names of path variables do
/// not count. They order by group, kind, path and method.
class Address {
 public:
  static Address group(std::string_view name);
  static Address api(std::string_view group, std::string_view method, std::string_view path,
                     std::string_view match_mode);
  static Address publication(const Address& api, std::string_view environment);
  static Address response(std::string_view group, std::string_view name);
  static Address ratelimit(std::string_view name);
  static Address acl(std::string_view name);
  /// Errors: Invalid, with what is wrong.
  static Result<Address> parse(std::string_view text);

  const std::string& type() const { return type_; }
  /// "" for policies of the gateway.
  const std::string& group() const { return group_; }
  /// The environment of a publication, else "".
  const std::string& environment() const { return environment_; }
  /// "METHOD /path", or the name of the group, policy or response.
  const std::string& name() const { return name_; }
  std::string text() const;
  /// The published API's address; for publications only.
  Address api_of_publication() const;
  /// What it is called once its group has another name; policies belong to no group and stay.
  Address in_group(std::string_view name) const;

  bool operator==(const Address& other) const { return key_ == other.key_; }
  auto operator<=>(const Address& other) const { return key_ <=> other.key_; }

 private:
  Address(std::string_view type, std::string_view group, std::string_view environment, std::string_view name);
  std::string type_;
  std::string group_;
  std::string environment_;
  std::string name_;
  std::string key_;
};

/// The path with the names of its variables removed: "/pets/{id}" is "/pets/{}".
std::string without_variable_names(std::string_view path);

/// Whether `text` matches `glob`: `*` is any run without "/", `**` any run, everything else stands for itself.
bool matches_glob(std::string_view glob, std::string_view text);

}  // namespace sluice
