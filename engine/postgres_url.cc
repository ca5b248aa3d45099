#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "engine/postgres.h"
#include "plan/words.h"

namespace sluice {
namespace {

constexpr std::array<std::string_view, 2> kSchemes = {"postgres://", "postgresql://"};
constexpr std::array<std::string_view, 5> kHidden = {"password", "sslpassword", "oauth_client_secret",
                                                     "scram_client_key", "scram_server_key"};
constexpr std::string_view kSchemaPrefix = "sluice_";
constexpr std::size_t kLongestName = 50;  // an identifier has 63 bytes, and is cut off there without a word

std::string_view scheme_of(std::string_view url) {
  const auto* found =
      std::find_if(kSchemes.begin(), kSchemes.end(), [&](std::string_view scheme) { return url.starts_with(scheme); });
  return found == kSchemes.end() ? std::string_view() : *found;
}

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const int lower = std::tolower(static_cast<unsigned char>(c));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
      plain += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

/// A query's parts as they stand, each with its decoded word.
struct QueryPart {
  std::string word;
  std::string_view text;
};

std::vector<QueryPart> parts_of(std::string_view query) {
  std::vector<QueryPart> parts;
  while (!query.empty()) {
    const std::string_view text = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(text.size() + 1, query.size()));
    if (!text.empty()) parts.push_back({decoded(text.substr(0, text.find('='))), text});
  }
  return parts;
}

bool is_hidden(const QueryPart& part) {
  return std::find(kHidden.begin(), kHidden.end(), lower(part.word)) != kHidden.end();
}

bool has_value(const QueryPart& part) { return part.text.find('=') != std::string_view::npos; }

/// A part without a value, or with an "@", may be the rest of a password.
std::string shown_part(const QueryPart& part) {
  if (!has_value(part)) return "***";
  const bool odd = part.text.find('@') != std::string_view::npos;
  return odd || is_hidden(part) ? part.word + "=***" : std::string(part.text);
}

std::string join(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) all += (all.empty() ? "?" : "&") + part;
  return all;
}

/// Whether every port among "host:port,host" is a number. Anything else may be a piece of a password.
bool has_sound_ports(std::string_view hosts) {
  while (!hosts.empty()) {
    std::string_view host = hosts.substr(0, hosts.find(','));
    hosts.remove_prefix(std::min(host.size() + 1, hosts.size()));
    if (host.starts_with('[')) host.remove_prefix(std::min(host.find(']'), host.size()));
    const std::size_t colon = host.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view port = host.substr(colon + 1);
    if (!std::all_of(port.begin(), port.end(), [](unsigned char c) { return std::isdigit(c) != 0; })) return false;
  }
  return true;
}

/// Whether each "%" begins a sign written as %XX, which is not NUL.
bool has_sound_signs(std::string_view text) {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    if (at + 2 >= text.size() || hex(text[at + 1]) < 0 || hex(text[at + 2]) < 0) return false;
    if (text.substr(at + 1, 2) == "00") return false;
  }
  return true;
}

/// Whether user, hosts, path and query are where their signs say. A raw sign in a password would move them, and libpq
/// would quote a piece of it.
bool is_sound(std::string_view rest) {
  const std::string_view before_query = rest.substr(0, rest.find('?'));
  const std::string_view authority = before_query.substr(0, before_query.find('/'));
  const std::size_t at = authority.find('@');
  const std::string_view hosts = at == std::string_view::npos ? authority : authority.substr(at + 1);
  const auto parts = parts_of(rest.substr(std::min(before_query.size() + 1, rest.size())));
  const bool no_user = at == std::string_view::npos;
  if (no_user && rest.substr(before_query.size()).find('@') != std::string_view::npos) return false;
  return has_sound_signs(rest) && std::all_of(parts.begin(), parts.end(), has_value) &&
         before_query.substr(authority.size()).find('@') == std::string_view::npos &&
         hosts.find('@') == std::string_view::npos && has_sound_ports(hosts);
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
  });
}

}  // namespace

bool is_postgres_url(std::string_view url) { return !scheme_of(url).empty(); }

std::string redacted_url(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::string(url);
  std::string shown(url);
  const std::size_t start = scheme + 3;
  std::size_t at = shown.rfind('@');
  const std::size_t word_end = shown.find('=', std::min(shown.find('?'), shown.size()));
  if (at != std::string::npos && word_end < at) at = shown.rfind('@', shown.find('?'));  // the other is in a value
  const std::size_t colon = shown.find(':', start);
  if (at != std::string::npos && colon < at) shown.replace(colon + 1, at - colon - 1, "***");
  const std::string_view hosts = std::string_view(url).substr(start, url.find_first_of("/?", start) - start);
  if (at == std::string::npos && !has_sound_ports(hosts)) return shown.substr(0, colon + 1) + "***";
  const std::size_t query = shown.find('?');
  if (query == std::string::npos) return shown;
  std::vector<std::string> parts;
  for (const QueryPart& part : parts_of(std::string_view(shown).substr(query + 1))) parts.push_back(shown_part(part));
  return shown.substr(0, query) + join(parts);
}

Result<PostgresPlace> postgres_place(std::string_view url) {
  PostgresPlace place{{}, {}, redacted_url(url)};
  if (!is_sound(url.substr(scheme_of(url).size()))) {
    return fail(
        ErrorKind::Invalid,
        fmt::format("The state's URL {} cannot be read: write it as postgres://USER@HOST:PORT/DATABASE?name=STATE, "
                    "and any other sign than letters and digits in a password as %XX, or give it in PGPASSWORD.",
                    place.shown));
  }
  std::string name = "default";
  const std::size_t query = std::min(url.find('?'), url.size());
  std::vector<std::string> rest;
  for (const QueryPart& part : parts_of(url.substr(std::min(query + 1, url.size())))) {
    if (part.word == "name") {
      name = decoded(part.text.substr(std::min(part.text.find('=') + 1, part.text.size())));
    } else {
      rest.emplace_back(part.text);
    }
  }
  if (!is_name(name)) {
    return fail(ErrorKind::Invalid,
                fmt::format("The name in the state's URL {} is not one: use up to {} letters, digits, \"_\", \"-\" and "
                            "\".\", such as ?name=production.",
                            place.shown, kLongestName));
  }
  place.server = std::string(url.substr(0, query)) + join(rest);
  place.schema = std::string(kSchemaPrefix) + name;
  return place;
}

}  // namespace sluice
