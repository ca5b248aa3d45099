#include "plan/references.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "plan/openapi.h"
#include "plan/vocabulary.h"
#include "plan/words.h"

namespace sluice {
namespace {

constexpr std::size_t kLargeObject = 64;  // members; a larger one gets an index when it is looked into
constexpr std::size_t kMostSteps = 100;
constexpr int kSchemaDepth = 20;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char folded = static_cast<char>(c | 0x20);
  return folded >= 'a' && folded <= 'f' ? folded - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low < 0) {
      result += text[i];
      continue;
    }
    result += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return result;
}

std::string unescaped_token(std::string_view token) {
  std::string result;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool escape = token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1');
    result += !escape ? token[i] : token[++i] == '1' ? '/' : '~';
  }
  return result;
}

/// `path` as seen from the folder of `file`, without "." and with ".." only at its start.
std::string joined_path(std::string_view file, std::string_view path) {
  const std::size_t slash = file.rfind('/');
  std::string text(slash == std::string_view::npos ? "" : file.substr(0, slash + 1));
  text += path;
  std::vector<std::string_view> parts;
  const std::string_view whole = text;
  for (std::size_t at = 0; at <= whole.size();) {
    const std::size_t end = std::min(whole.find('/', at), whole.size());
    const std::string_view part = whole.substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".") continue;
    if (part == ".." && !parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else {
      parts.push_back(part);
    }
  }
  std::string result = whole.starts_with('/') ? "/" : "";
  for (const std::string_view part : parts) {
    if (!result.empty() && result.back() != '/') result += '/';
    result += part;
  }
  return result;
}

bool leaves_the_folder(std::string_view path) {
  const bool drive = path.size() > 1 && path[1] == ':';
  return path.starts_with('/') || path.starts_with('\\') || drive;
}

bool is_url(std::string_view path) {
  const std::size_t colon = path.find(':');
  return path.starts_with("//") || (colon != std::string_view::npos && colon > 1 && colon < path.find('/'));
}

/// Walks what the gateway keeps of the documents, for the files that are missing.
class Needs {
 public:
  explicit Needs(const References& references) : references_(references) {}

  std::vector<NeededFile> run(std::span<const SwaggerFile> files) {
    for (std::size_t file = 0; file < files.size(); ++file) {
      if (files[file].named) walk_document({&files[file].document, file});
    }
    return std::move(found_);
  }

 private:
  using Place = References::Place;

  Place resolve(Place from) {
    if (from.value->find("$ref") == nullptr) return from;
    auto resolved = references_.resolve(from);
    if (resolved) return *resolved;
    const References::Fault& fault = resolved.error();
    if (!fault.needed.empty() && known_.insert(fault.needed).second) {
      found_.push_back({fault.needed, std::string(from.value->text("$ref")), references_.at(fault.finding.mark)});
    }
    return {};
  }

  void walk_document(Place document) {
    const Value* paths = document.value->find("paths");
    if (paths == nullptr) return;
    for (const auto& path : paths->members()) {
      if (path.key.starts_with('/')) walk_path({&path.value, document.file});
    }
    const Value* components = document.value->find("components");
    const Value* schemes =
        components != nullptr ? components->find("securitySchemes") : document.value->find("securityDefinitions");
    if (schemes == nullptr) return;
    for (const auto& scheme : schemes->members()) resolve({&scheme.value, document.file});
  }
  void walk_path(Place path) {
    path = resolve(path);
    if (path.value == nullptr) return;
    walk_parameters(path);
    for (const auto& member : path.value->members()) {
      if (!method_of_key(member.key).empty()) walk_operation({&member.value, path.file});
    }
  }
  void walk_operation(Place operation) {
    operation = resolve(operation);
    if (operation.value == nullptr) return;
    walk_parameters(operation);
    const Value* responses = operation.value->find("responses");
    if (responses == nullptr) return;
    for (const std::string_view name : {"default", "default-cors"}) {
      if (const Value* response = responses->find(name)) resolve({response, operation.file});
    }
  }
  void walk_parameters(Place holder) {
    const Value* list = holder.value->find("parameters");
    if (list == nullptr) return;
    for (const Value& item : list->items()) {
      const Place parameter = resolve({&item, holder.file});
      if (parameter.value == nullptr || parameter.value->text("in") == "body") continue;
      if (const Value* schema = parameter.value->find("schema")) walk_schema({schema, parameter.file}, 0);
    }
  }
  void walk_schema(Place schema, int depth) {
    schema = resolve(schema);
    if (schema.value == nullptr || depth > kSchemaDepth || !schemas_.insert(schema.value).second) return;
    for (const std::string_view name : kSchemaAlternatives) {
      const Value* list = schema.value->find(name);
      if (list == nullptr) continue;
      for (const Value& part : list->items()) walk_schema({&part, schema.file}, depth + 1);
    }
  }

  const References& references_;
  std::vector<NeededFile> found_;
  std::set<std::string> known_;
  std::set<const Value*> schemas_;
};

}  // namespace

References::References(std::span<const SwaggerFile> files) : files_(files) {
  for (std::size_t file = 0; file < files.size(); ++file) {
    bases_.push_back(sources_.add(files[file].source));
    by_name_.emplace(joined_path("", files[file].source.name), file);
  }
}

References::Fault References::fault(std::string code, std::string summary, std::string detail, std::size_t file,
                                    const Value& at) const {
  return {{Severity::Error, std::move(code), std::move(summary), std::move(detail), mark(file, at.mark())}};
}

Result<References::Target, References::Fault> References::target_of(const Value& reference, std::size_t file) const {
  const auto refuse = [&](std::string code, std::string summary, std::string detail) {
    return Unexpected<Fault>{fault(std::move(code), std::move(summary), std::move(detail), file, reference)};
  };
  if (!reference.is_string()) {
    return refuse("ref-shape", "A `$ref` is not a text.", "Write it as FILE#/POINTER, or #/POINTER for this file.");
  }
  const std::string& text = reference.as_string();
  const std::size_t hash = std::min(text.find('#'), text.size());
  const std::string path = percent_decoded(std::string_view(text).substr(0, hash));
  std::string pointer = hash < text.size() ? percent_decoded(std::string_view(text).substr(hash + 1)) : std::string();
  if (is_url(path)) {
    return refuse("ref-outside", fmt::format("The reference \"{}\" is a URL, which is never fetched.", shown(text)),
                  "Copy the file into the manifest's folder, and refer to the copy.");
  }
  if (leaves_the_folder(path)) {
    return refuse("ref-outside", fmt::format("The reference \"{}\" is an absolute path.", shown(text)),
                  "Write the path relative to this file, inside the manifest's folder.");
  }
  if ((!pointer.empty() && !pointer.starts_with('/')) || (path.empty() && hash == text.size())) {
    return refuse("ref-shape", fmt::format("The reference \"{}\" is not FILE#/POINTER.", shown(text)),
                  "A pointer names the members from the root, as in #/parameters/limit.");
  }
  if (path.find('\0') != std::string::npos) {
    return refuse("ref-shape", "A reference holds a NUL byte.", "Write the name of a file.");
  }
  const std::string& own = files_[file].source.name;
  std::string target = path.empty() ? joined_path("", own) : joined_path(own, path);
  std::string key = fmt::format("{}#{}", target, pointer);
  return Target{std::move(target), std::move(pointer), std::move(key)};
}

const Value* References::member(const Value& holder, const std::string& key) const {
  if (holder.members().size() < kLargeObject) return holder.find(key);
  Index& index = indexes_[&holder.members()];
  if (index.empty()) {
    for (const auto& one : holder.members()) index.emplace(one.key, &one.value);
  }
  const auto at = index.find(key);
  return at == index.end() ? nullptr : at->second;
}

const Value* References::follow(const Value& document, std::string_view pointer) const {
  const Value* value = &document;
  while (value != nullptr && !pointer.empty()) {
    pointer.remove_prefix(1);
    const std::size_t slash = std::min(pointer.find('/'), pointer.size());
    const std::string token = unescaped_token(pointer.substr(0, slash));
    pointer.remove_prefix(slash);
    if (value->is_array()) {
      std::size_t index = 0;
      const auto [end, code] = std::from_chars(token.data(), token.data() + token.size(), index);
      const bool whole = code == std::errc() && end == token.data() + token.size();
      value = whole && index < value->items().size() ? &value->items()[index] : nullptr;
    } else {
      value = member(*value, token);
    }
  }
  return value;
}

Result<References::Place, References::Fault> References::resolve(Place from) const {
  std::vector<std::string> trail;
  Place at = from;
  const Value* reference = at.value->find("$ref");
  if (reference == nullptr) return at;
  const Value& first = *reference;
  std::string known = reference->is_string() ? fmt::format("{}\n{}", from.file, reference->as_string()) : "";
  if (const auto cached = known_.find(known); cached != known_.end()) return cached->second;
  for (; reference != nullptr; reference = at.value->find("$ref")) {
    auto target = target_of(*reference, at.file);
    if (!target) return Unexpected<Fault>{target.error()};
    if (const auto twice = std::find(trail.begin(), trail.end(), target->key); twice != trail.end()) {
      std::string circle;
      for (auto one = twice; one != trail.end(); ++one) circle += fmt::format("{} -> ", shown(*one));
      return Unexpected<Fault>{fault("ref-cycle",
                                     fmt::format("A reference leads back to itself: {}{}.", circle, shown(*twice)),
                                     "Let one of these references name a value.", from.file, first)};
    }
    if (trail.size() == kMostSteps) {
      return Unexpected<Fault>{fault("ref-long",
                                     fmt::format("A reference takes more than {} steps to its value.", kMostSteps),
                                     "Refer to the value itself.", from.file, first)};
    }
    trail.push_back(target->key);
    const auto file = by_name_.find(target->file);
    if (file == by_name_.end()) {
      Fault missing = fault("ref-file-missing",
                            fmt::format("The reference \"{}\" leads to the file {}, which could not be read.",
                                        shown(reference->as_string()), shown(target->file)),
                            "Correct the path, which is relative to this file, or add the file.", at.file, *reference);
      missing.needed = target->file;
      return Unexpected<Fault>{std::move(missing)};
    }
    const Value* next = follow(files_[file->second].document, target->pointer);
    if (next == nullptr) {
      return Unexpected<Fault>{
          fault("ref-missing", fmt::format("The reference \"{}\" leads to nothing.", shown(reference->as_string())),
                "Correct the name, or define it.", at.file, *reference)};
    }
    at = {next, file->second};
  }
  known_.emplace(std::move(known), at);
  return at;
}

std::vector<NeededFile> files_needed(std::span<const SwaggerFile> files) {
  const auto refers = [](const SwaggerFile& file) { return file.source.text.find("$ref") != std::string::npos; };
  if (std::none_of(files.begin(), files.end(), refers)) return {};
  const References references(files);
  return Needs(references).run(files);
}

}  // namespace sluice
