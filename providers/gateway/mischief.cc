#include "providers/gateway/mischief.h"

#include <algorithm>

namespace sluice::gateway {
namespace {

bool flag(const Value& from, std::string_view name) {
  const Value* value = from.find(name);
  return value != nullptr && value->is_bool() && value->as_bool();
}

std::size_t count(const Value& from, std::string_view name) {
  const Value* value = from.find(name);
  if (value == nullptr || !value->is_integer()) return 0;
  return static_cast<std::size_t>(std::max<std::int64_t>(value->as_integer(), 0));
}

Value write_fault(const Fault& fault) {
  Value out;
  return out.set("code", fault.code).set("message", fault.message);
}

Fault read_fault(const Value& from) { return {std::string(from.text("code")), std::string(from.text("message"))}; }

}  // namespace

Value write_mischief(const Mischief& mischief) {
  Value out = Value::object();
  if (mischief.stuck) out.set("stuck", true);
  if (mischief.lost) out.set("lost", true);
  if (mischief.failure) out.set("failure", write_fault(*mischief.failure));
  if (mischief.failing > 0) out.set("failing", static_cast<std::int64_t>(mischief.failing));
  if (mischief.ignoring > 0) out.set("ignoring", static_cast<std::int64_t>(mischief.ignoring));
  if (mischief.failing > 0) out.set("why", write_fault(mischief.why));
  return out;
}

Mischief read_mischief(const Value* from) {
  Mischief out;
  if (from == nullptr) return out;
  out.stuck = flag(*from, "stuck");
  out.lost = flag(*from, "lost");
  if (const Value* failure = from->find("failure"); failure != nullptr) out.failure = read_fault(*failure);
  out.failing = count(*from, "failing");
  out.ignoring = count(*from, "ignoring");
  if (const Value* why = from->find("why"); why != nullptr) out.why = read_fault(*why);
  return out;
}

}  // namespace sluice::gateway
