// Every provider that must keep the Provider contract, each in every way it can be reached.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/clock.h"
#include "providers/provider.h"
#include "tests/support/jumping_clock.h"

namespace sluice::conformance {

/// A provider and what it needs to live. `changes_sent` counts the requests that could change something.
class Fixture {
 public:
  Fixture() = default;
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;
  virtual ~Fixture() = default;
  virtual Provider& provider() = 0;
  virtual Clock& clock() = 0;
  virtual std::size_t changes_sent() const = 0;
  /// Plug-ins of these names and types, on the gateway.
  virtual void make_plugins(const std::map<std::string, std::string>& types) = 0;
  /// Somebody else gives the API of this name another remark, and publishes it in RELEASE if asked to. False where
  /// there is no way to do so.
  virtual bool edit(const std::string& name, const std::string& remark, bool publish);
  /// A VPC channel of this body, on the gateway. False where there is no way to make one.
  virtual bool make_channel(const std::string& body);
};

struct Row {
  std::string name;
  bool quick;  ///< without real waiting
  std::function<std::unique_ptr<Fixture>()> make;
  bool renames_variables =
      true;  ///< takes `/a/{x}` and `/a/{y}` for one API, so that the variable can get another name
};

std::vector<Row> rows();

/// A gateway that takes backends by member group.
Row member_group_row();

/// One row for each position but the default of every switch of the embedded gateway, in-process; the name is
/// "SWITCH=POSITION". A new switch gets its rows by being in the gateway's table.
std::vector<Row> switch_rows();

/// All of these.
std::vector<Row> every_row();

using test::JumpingClock;

}  // namespace sluice::conformance
