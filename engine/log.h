// --log-level and --log-format: what the HTTP client tells, as lines on stderr.
#pragma once

#include "engine/clock.h"
#include "engine/options.h"
#include "providers/http/log.h"

namespace sluice {

/// Writes records up to --log-level (default warn) to stderr, as text or one JSON object a line. `clock` must outlive
/// it. The flags were checked when the command line was read.
Log open_log(const Invocation& invocation, const Clock& clock);

}  // namespace sluice
