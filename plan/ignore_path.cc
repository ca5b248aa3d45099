#include "plan/ignore_path.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "plan/canonical.h"
#include "plan/ignore.h"
#include "plan/vocabulary.h"
#include "plan/words.h"

namespace sluice {
namespace {

constexpr std::string_view kIdentity[] = {"method", "path", "x-apigateway-match-mode"};
constexpr std::string_view kAny = "**";

/// Where `**` stands it may also be nothing.
void add_reached(const std::vector<std::string>& tokens, std::size_t position, std::vector<std::size_t>& reached) {
  while (true) {
    if (std::find(reached.begin(), reached.end(), position) == reached.end()) reached.push_back(position);
    if (position >= tokens.size() || tokens[position] != kAny) return;
    ++position;
  }
}

/// Looks for a field that a path can name, and remembers how far it came.
class PathSearch {
 public:
  explicit PathSearch(std::vector<std::string> tokens) : tokens_(std::move(tokens)) {}

  std::optional<PathProblem> run() {
    if (in_object(schema_of("api").fields, 0, true)) return std::nullopt;
    if (problem_) return problem_;
    const std::string& token = tokens_[std::min(deepest_, tokens_.size() - 1)];
    if (list_ != nullptr) {
      return PathProblem{fmt::format("\"{}\" is not the key of an element of `{}`", token, list_->name),
                         fmt::format("Write {}, as in {}.", fmt::join(list_->keys, ":"),
                                     list_->keys.size() > 1 ? "query:limit, or query:*" : "the name of one, or *")};
    }
    const std::string near = did_you_mean(token, names_);
    if (names_.empty())
      return PathProblem{fmt::format("nothing is below \"{}\"", tokens_[deepest_ - 1]), "End the path there."};
    return PathProblem{fmt::format("\"{}\" is not a field there", token),
                       near.empty() ? fmt::format("Known fields are {}.", fmt::join(names_, ", "))
                                    : fmt::format("Did you mean `{}`?", near)};
  }

 private:
  bool in_object(std::span<const FieldSchema> fields, std::size_t at, bool top,
                 std::span<const std::string_view> keys = {}) {
    if (at == tokens_.size()) return true;
    const std::string& token = tokens_[at];
    std::vector<std::string_view> names;
    for (const FieldSchema& field : fields) {
      const bool key =
          (top && is_identity(field.name)) || std::find(keys.begin(), keys.end(), field.name) != keys.end();
      if (!key) names.push_back(field.name);
      if (key && token == field.name) {
        problem_ = {fmt::format("\"{}\" says which one this is", token), "Take the path out: it cannot be left open."};
        return false;
      }
    }
    const bool last = at + 1 == tokens_.size();
    if (last && token == "type" && depends_on_type(fields)) {
      problem_ = {"what stands beside a \"type\" depends on it, so it cannot be left open alone",
                  "Ignore the whole that it is in."};
      return false;
    }
    note(at, std::move(names), nullptr);
    if (token == kAny && in_object(fields, at + 1, top, keys)) return true;
    for (const FieldSchema& field : fields) {
      if ((top && is_identity(field.name)) || std::find(keys.begin(), keys.end(), field.name) != keys.end()) continue;
      const bool any = token == kAny;
      if (!any && !matches_token(token, field.name)) continue;
      if (in_field(field, any ? at : at + 1)) return true;
    }
    return false;
  }

  bool in_field(const FieldSchema& field, std::size_t at) {
    if (at == tokens_.size()) return true;
    if (field.kind == FieldKind::Object) return in_object(field.fields, at, false);
    if (field.kind == FieldKind::KeyedList) return in_list(field, at);
    if (tokens_[at] == kAny) return at + 1 == tokens_.size();
    note(at, {}, nullptr);
    return false;
  }

  bool in_list(const FieldSchema& list, std::size_t at) {
    const std::string& token = tokens_[at];
    if (token == kAny)
      return in_object(list.fields, at, false, list.keys) ||
             (at + 1 < tokens_.size() && in_object(list.fields, at + 1, false, list.keys));
    if (!can_be_key(token, list)) {
      note(at, {}, &list);
      return false;
    }
    return in_object(list.fields, at + 1, false, list.keys);
  }

  static bool can_be_key(std::string_view token, const FieldSchema& list) {
    if (list.keys.size() == 1 || token == "*") return true;
    const std::size_t colon = token.find(':');
    if (colon == std::string_view::npos) return false;
    const FieldSchema* place = find_field(list.fields, list.keys.front());
    return place == nullptr || place->choices.empty() ||
           std::any_of(place->choices.begin(), place->choices.end(),
                       [&](std::string_view choice) { return matches_token(token.substr(0, colon), choice); });
  }

  void note(std::size_t at, std::vector<std::string_view> names, const FieldSchema* list) {
    if (noted_ && at < deepest_) return;
    noted_ = true;
    deepest_ = at;
    names_ = std::move(names);
    list_ = list;
  }

  std::vector<std::string> tokens_;
  std::size_t deepest_ = 0;
  bool noted_ = false;
  std::vector<std::string_view> names_;
  const FieldSchema* list_ = nullptr;
  std::optional<PathProblem> problem_;
};

}  // namespace

PathWalk::PathWalk(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    Path added{std::make_shared<const std::vector<std::string>>(pointer_tokens(path)), {}};
    add_reached(*added.tokens, 0, added.reached);
    at_.push_back(std::move(added));
  }
}

PathWalk PathWalk::into_any(std::string_view token, std::string_view folded) const {
  PathWalk inner;
  for (const Path& path : at_) {
    Path next{path.tokens, {}};
    for (const std::size_t position : path.reached) {
      if (position == path.tokens->size()) {
        next.reached.push_back(position);  // named above: so is everything here
        continue;
      }
      const std::string& wanted = (*path.tokens)[position];
      if (wanted == kAny) {
        add_reached(*path.tokens, position, next.reached);
      } else if (matches_token(wanted, token) || (!folded.empty() && matches_token(lower(wanted), folded))) {
        add_reached(*path.tokens, position + 1, next.reached);
      }
    }
    if (!next.reached.empty()) inner.at_.push_back(std::move(next));
  }
  return inner;
}

PathWalk PathWalk::into(std::string_view token) const { return into_any(token, {}); }

PathWalk PathWalk::into(const Value& element, const FieldSchema& list) const {
  const bool header = element.text("in") == "header";
  return into_any(element_key(element, list), header ? folded_element_key(element, list) : std::string());
}

bool PathWalk::named() const {
  return std::any_of(at_.begin(), at_.end(), [](const Path& path) {
    return std::find(path.reached.begin(), path.reached.end(), path.tokens->size()) != path.reached.end();
  });
}

std::vector<std::string> pointer_tokens(std::string_view path) {
  std::vector<std::string> tokens;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    tokens.push_back(replaced(replaced(std::string(path.substr(0, end)), "~1", "/"), "~0", "~"));
    path.remove_prefix(end);
  }
  return tokens;
}

bool matches_token(std::string_view token, std::string_view text) {
  const std::size_t star = token.find('*');
  if (star == std::string_view::npos) return token == text;
  if (text.substr(0, star) != token.substr(0, star)) return false;
  const std::string_view rest = token.substr(star + 1);
  if (rest.empty()) return true;
  for (std::size_t at = star; at <= text.size(); ++at) {
    if (matches_token(rest, text.substr(at))) return true;
  }
  return false;
}

bool depends_on_type(std::span<const FieldSchema> fields) {
  return find_field(fields, "mockEndpoints") != nullptr || find_field(fields, "app_code") != nullptr;
}

bool is_identity(std::string_view name) { return is_one_of(name, kIdentity); }

std::optional<PathProblem> ignore_path_problem(std::string_view path) {
  if (!path.starts_with('/'))
    return PathProblem{"it does not start with \"/\"", "Write it as in /parameters/query:limit."};
  std::vector<std::string> tokens = pointer_tokens(path);
  if (std::any_of(tokens.begin(), tokens.end(), [](const std::string& token) { return token.empty(); }))
    return PathProblem{"it has an empty part between its slashes", "Write it as in /parameters/query:limit."};
  return PathSearch(std::move(tokens)).run();
}

}  // namespace sluice
