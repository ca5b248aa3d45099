// Who this process is, so that others can tell whether it still lives, and names that nobody else has.
#pragma once

#include <cstdint>
#include <string>

namespace sluice {

std::string host_name();

/// This machine since it was started, and the part of it (a container's) that numbers its processes: where it is the
/// same, so are processes. "" where the system does not tell.
std::string host_id();

/// When the process started, in the kernel's words; "" when there is no such process, or only what is left of one that
/// nobody waited for. Tells a reused pid from the old.
std::string process_start(std::int64_t pid);

/// As many random bytes, as hexadecimal digits.
std::string random_hex(int bytes);

}  // namespace sluice
