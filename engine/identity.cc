#include "engine/identity.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <random>
#include <string_view>

#include "engine/files.h"

namespace sluice {

std::string host_name() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

std::string host_id() {
  const auto boot = read_file("/proc/sys/kernel/random/boot_id");
  std::array<char, 64> space{};
  const auto length = ::readlink("/proc/self/ns/pid", space.data(), space.size());
  if (!boot || length <= 0) return {};
  return fmt::format("{} {}", boot->substr(0, boot->find('\n')),
                     std::string_view(space.data(), static_cast<std::size_t>(length)));
}

std::string process_start(std::int64_t pid) {
  const auto status = read_file(fmt::format("/proc/{}/stat", pid));
  if (!status) return {};
  std::string_view rest = *status;
  rest.remove_prefix(std::min(rest.rfind(')') + 1, rest.size()));
  if (rest.starts_with(" Z") || rest.starts_with(" X")) return {};
  for (int field = 0; field < 20 && !rest.empty(); ++field)
    rest.remove_prefix(std::min(rest.find(' ') + 1, rest.size()));
  return std::string(rest.substr(0, rest.find(' ')));
}

std::string random_hex(int bytes) {
  std::random_device device;
  std::string text;
  for (int i = 0; i < bytes; ++i) text += fmt::format("{:02x}", device() & 0xFFU);
  return text;
}

}  // namespace sluice
