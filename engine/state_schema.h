// The tables of a state, how they came to be, and the few values that are there once. Throws sql::SqlError.
#pragma once

#include <string>
#include <string_view>

#include "engine/sql.h"
#include "plan/address.h"
#include "plan/plan.h"
#include "plan/value.h"

namespace sluice {

/// Names in the table of values.
namespace meta {
inline constexpr std::string_view kFormat = "format";
inline constexpr std::string_view kCanonical = "canonical";
inline constexpr std::string_view kLineage = "lineage";
inline constexpr std::string_view kSerial = "serial";
inline constexpr std::string_view kHashKey = "hash_key";
inline constexpr std::string_view kFence = "fence";      ///< of the newest lock
inline constexpr std::string_view kJournal = "journal";  ///< number of the newest event
inline constexpr std::string_view kSettled = "settled";  ///< every intent up to this event is closed
inline constexpr std::string_view kRuns = "runs";        ///< number of the newest run
}  // namespace meta

enum class StateFormat { None, Older, Present };

/// Which format the database holds; throws unless it is empty or a state that is read here.
StateFormat format_of(sql::Connection& connection);

/// Makes the tables where there are none, and brings those of an older format to the present one. In the transaction
/// that is open: rolled back, it leaves everything as it was.
void bring_up_to_date(sql::Connection& connection, StateFormat from);

/// Makes the values of a new state, unless there are some.
void make_lineage(sql::Connection& connection, const GatewayIdentity& gateway);

/// "" when there is none.
std::string value_of(sql::Connection& connection, std::string_view name);
/// 0 when there is none.
std::int64_t number_of(sql::Connection& connection, std::string_view name);
void set_value(sql::Connection& connection, std::string_view name, const std::string& value);
/// Adds to a number, and returns the sum. Who else wants the same number waits until the transaction ends.
std::int64_t add_to(sql::Connection& connection, std::string_view name, std::int64_t count);

GatewayIdentity gateway_of(sql::Connection& connection);
void set_gateway(sql::Connection& connection, const GatewayIdentity& gateway);

/// What a row holds as text, or an SqlError that says why not.
Address address_from(std::string_view text);

/// "2026-01-31T08:09:10Z" of milliseconds since 1970.
std::string time_text(std::int64_t milliseconds);

}  // namespace sluice
