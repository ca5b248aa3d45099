// Reading multipart/form-data (RFC 7578).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::gateway {

/// One field of a form; `data` points into the body it was read from.
struct FormPart {
  std::string name;
  std::string_view data;
};

/// The parts of a form in their order; nothing when the header names no boundary or the body does not follow it.
std::optional<std::vector<FormPart>> read_form(std::string_view content_type, std::string_view body);

/// The first part of that name; null when there is none.
const FormPart* find_part(const std::vector<FormPart>& parts, std::string_view name);

}  // namespace sluice::gateway
