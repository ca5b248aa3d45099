#include "plan/yaml.h"

#include <yaml-cpp/emitter.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <istream>
#include <streambuf>
#include <unordered_map>

#include "plan/words.h"

namespace sluice {
namespace {

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// The plain scalar by the core schema. A number with a leading zero stays a text: YAML versions disagree on it.
Value resolve_plain(const std::string& text) {
  if (text.empty() || is_one_of(text, {"~", "null", "Null", "NULL"})) return {};
  if (is_one_of(text, {"true", "True", "TRUE"})) return true;
  if (is_one_of(text, {"false", "False", "FALSE"})) return false;
  std::string_view digits = text;
  if (digits.front() == '+' || digits.front() == '-') digits.remove_prefix(1);
  if (digits.empty() || (digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9')) return text;
  const char* first = text.data() + (text[0] == '+' ? 1 : 0);
  const char* last = text.data() + text.size();
  if (all_digits(digits)) {
    std::int64_t integer = 0;
    if (auto [end, code] = std::from_chars(first, last, integer); code == std::errc() && end == last) return integer;
  }
  const bool numeric = digits.find_first_not_of("0123456789.eE+-") == std::string_view::npos &&
                       digits.find_first_of("0123456789") != std::string_view::npos && digits.front() != 'e' &&
                       digits.front() != 'E';
  double number = 0;
  if (numeric) {
    if (auto [end, code] = std::from_chars(first, last, number); code == std::errc() && end == last) return number;
  }
  return text;
}

/// Thrown inside this file only, to leave yaml-cpp's parser.
struct Refusal {
  std::size_t offset;
  std::string message;
};

/// Hands the text to yaml-cpp bit by bit, and stops when much of it was taken since the last event: yaml-cpp holds all
/// tokens of a list in brackets, which can be a hundred times the text.
class Source : public std::streambuf {
 public:
  Source(std::string_view text, std::size_t piece) : text_(text), piece_(piece) {}
  void made_progress() { seen_ = taken_; }

 protected:
  int_type underflow() override {
    if (taken_ == text_.size()) return traits_type::eof();
    if (taken_ - seen_ > piece_) {
      throw Refusal{seen_, "a text, a list or map in brackets or a run of comments is longer than " +
                               std::to_string(piece_) + " bytes"};
    }
    chunk_ = text_.substr(taken_, kChunk);
    taken_ += chunk_.size();
    setg(chunk_.data(), chunk_.data(), chunk_.data() + chunk_.size());
    return traits_type::to_int_type(chunk_.front());
  }

 private:
  static constexpr std::size_t kChunk = 4096;
  std::string_view text_;
  std::size_t piece_;
  std::string chunk_;
  std::size_t taken_ = 0;
  std::size_t seen_ = 0;
};

/// Meets a second document, which is one too many.
class NoMore : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override {
    throw Refusal{static_cast<std::size_t>(std::max(mark.pos, 0)), "it holds more than one document"};
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
  void OnAlias(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
  void OnScalar(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                const std::string& /*text*/) override {}
  void OnSequenceStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value /*style*/) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {}
  void OnMapEnd() override {}
};

class Builder : public YAML::EventHandler {
 public:
  Builder(const YamlLimits& limits, Source& source) : limits_(limits), source_(source) {}

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { scalar(Value(), mark, anchor); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    const bool plain = tag == "?" || tag.empty();
    if (plain && expects_key() && text == "<<") merge_next_ = true;
    last_scalar_ = offset(mark);
    scalar(plain && !expects_key() ? resolve_plain(text) : Value(text), mark, anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto at = anchors_.find(anchor);
    if (at == anchors_.end()) throw Refusal{offset(mark), "an alias refers to the value that contains it"};
    count(at->second.nodes, mark);
    place(at->second.value, at->second.nodes, mark, offset(mark));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(Value::array(), mark, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(Value::object(), mark, anchor);
  }
  void OnMapEnd() override { close(); }

  Value take() { return std::move(root_); }
  /// Where the last scalar starts.
  std::size_t last_scalar() const { return last_scalar_; }

 private:
  struct Anchored {
    Value value;
    std::size_t nodes = 0;
  };
  /// A member of a map with `<<`.
  struct Merged {
    std::size_t position;
    bool written;  ///< here, as opposed to merged in
  };
  struct Open {
    Value value;
    YAML::anchor_t anchor = 0;
    std::size_t nodes = 1;
    bool has_key = false;
    bool merges = false;  ///< the pending key is `<<`
    std::string key = {};
    std::uint32_t key_mark = 0;
    bool merged = false;  ///< something was merged in, and `index` knows the members
    std::unordered_map<std::string, Merged> index = {};
  };

  static std::uint32_t offset(const YAML::Mark& mark) { return static_cast<std::uint32_t>(std::max(mark.pos, 0)); }
  bool expects_key() const { return !open_.empty() && open_.back().value.is_object() && !open_.back().has_key; }

  void count(std::size_t nodes, const YAML::Mark& mark) {
    source_.made_progress();
    nodes_ += nodes;
    if (nodes_ > limits_.nodes) {
      throw Refusal{offset(mark), "it holds more than " + std::to_string(limits_.nodes) + " values"};
    }
  }
  void remember(YAML::anchor_t anchor, Anchored value, std::size_t at) {
    constexpr std::size_t kMostAnchors = 100'000;
    if (anchors_.size() >= kMostAnchors) {
      throw Refusal{at, "it holds more than " + std::to_string(kMostAnchors) + " anchors"};
    }
    anchors_[anchor] = std::move(value);
  }
  void scalar(Value value, const YAML::Mark& mark, YAML::anchor_t anchor) {
    count(1, mark);
    value.set_mark(offset(mark));
    if (anchor != 0) remember(anchor, {value, 1}, offset(mark));
    place(std::move(value), 1, mark, offset(mark));
  }
  void open(Value container, const YAML::Mark& mark, YAML::anchor_t anchor) {
    count(1, mark);
    if (open_.size() >= limits_.depth) {
      throw Refusal{offset(mark), "it is nested deeper than " + std::to_string(limits_.depth) + " levels"};
    }
    if (expects_key()) throw Refusal{offset(mark), "a key must be a text, not a list or a map"};
    container.set_mark(offset(mark));
    open_.push_back({std::move(container), anchor});
    last_mark_ = mark;
  }
  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    const Value::Member* repeated = done.merged ? nullptr : repeated_member(done.value.members());
    if (repeated != nullptr) throw twice(repeated->key, repeated->key_mark);
    if (done.anchor != 0) remember(done.anchor, {done.value, done.nodes}, done.value.mark());
    const std::uint32_t start = done.value.mark();
    place(std::move(done.value), done.nodes, last_mark_, start);
  }
  void place(Value value, std::size_t nodes, const YAML::Mark& mark, std::uint32_t start) {
    if (open_.empty()) {
      root_ = std::move(value);
      return;
    }
    Open& parent = open_.back();
    parent.nodes += nodes;
    if (parent.value.is_array()) {
      parent.value.mutable_items().push_back(std::move(value));
    } else if (!parent.has_key) {
      take_key(parent, value, mark);
    } else {
      parent.has_key = false;
      if (parent.merges) {
        merge(parent, value, start);
      } else {
        put(parent, std::move(value));
      }
    }
  }
  void take_key(Open& parent, const Value& key, const YAML::Mark& mark) {
    if (!key.is_string() && !key.is_null()) throw Refusal{offset(mark), "a key must be a text"};
    parent.key = key.is_string() ? key.as_string() : std::string("null");
    parent.key_mark = offset(mark);
    parent.has_key = true;
    parent.merges = merge_next_;
    merge_next_ = false;
  }
  static Refusal twice(const std::string& key, std::uint32_t at) {
    return {at, "the key \"" + shown(key) + "\" appears twice in one map"};
  }
  void put(Open& parent, Value value) {
    Value::Object& members = parent.value.mutable_members();
    if (parent.merged) {
      const auto [at, fresh] = parent.index.emplace(parent.key, Merged{members.size(), true});
      if (!fresh && at->second.written) throw twice(parent.key, parent.key_mark);
      if (!fresh) {
        at->second.written = true;
        members[at->second.position] = {std::move(parent.key), std::move(value), parent.key_mark};
        return;
      }
    }
    members.push_back({std::move(parent.key), std::move(value), parent.key_mark});
  }
  /// Members that are written out win over merged ones, and earlier maps of a list over later ones.
  void merge(Open& parent, const Value& from, std::uint32_t at) {
    if (from.is_array()) {
      for (const Value& item : from.items()) merge(parent, item, at);
      return;
    }
    if (!from.is_object()) throw Refusal{at, "\"<<\" takes a map or a list of maps"};
    Value::Object& members = parent.value.mutable_members();
    if (!parent.merged) {
      parent.merged = true;
      for (std::size_t i = 0; i < members.size(); ++i) {
        if (!parent.index.emplace(members[i].key, Merged{i, true}).second) {
          throw twice(members[i].key, members[i].key_mark);
        }
      }
    }
    for (const auto& member : from.members()) {
      if (parent.index.emplace(member.key, Merged{members.size(), false}).second) members.push_back(member);
    }
  }

  const YamlLimits& limits_;
  Source& source_;
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, Anchored> anchors_;
  Value root_;
  YAML::Mark last_mark_;
  std::size_t nodes_ = 0;
  bool merge_next_ = false;
  std::size_t last_scalar_ = 0;
};

/// Whether the quoted text that starts at `start` ends: yaml-cpp takes one that the end of the file cuts off.
bool is_closed(std::string_view text, std::size_t start) {
  const char quote = start < text.size() ? text[start] : ' ';
  if (quote != '"' && quote != '\'') return true;
  for (std::size_t i = start + 1; i < text.size(); ++i) {
    const bool twice = quote == '\'' && text.substr(i).starts_with("''");  // stands for one of them
    if (twice || (quote == '"' && text[i] == '\\')) {
      ++i;
    } else if (text[i] == quote) {
      return true;
    }
  }
  return false;
}

/// Where a tab stands in the indentation of the line that holds `offset`.
std::optional<std::size_t> tab_in_indentation(std::string_view text, std::size_t offset) {
  const std::size_t before = text.substr(0, std::min(offset, text.size())).rfind('\n');
  std::size_t at = before == std::string_view::npos ? 0 : before + 1;
  while (at < text.size() && text[at] == ' ') ++at;
  if (at < text.size() && text[at] == '\t') return at;
  return std::nullopt;
}

void emit(YAML::Emitter& out, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::Null:
      out << YAML::Null;
      break;
    case Value::Kind::Boolean:
      out << (value.as_bool() ? "true" : "false");
      break;
    case Value::Kind::Integer:
      out << value.as_integer();
      break;
    case Value::Kind::Number:
      out << write_json(value);
      break;
    case Value::Kind::String: {
      const std::string& text = value.as_string();
      const bool plain = resolve_plain(text).is_string() &&
                         !is_one_of(text, {"y", "n", "yes", "no", "on", "off", "Yes", "No", "On", "Off", "=", "<<"}) &&
                         !(text[0] >= '0' && text[0] <= '9');
      if (!plain) out << YAML::DoubleQuoted;
      out << text;
      break;
    }
    case Value::Kind::Array:
      if (value.items().empty()) out << YAML::Flow;
      out << YAML::BeginSeq;
      for (const Value& item : value.items()) emit(out, item);
      out << YAML::EndSeq;
      break;
    case Value::Kind::Object:
      if (value.members().empty()) out << YAML::Flow;
      out << YAML::BeginMap;
      for (const auto& member : value.members()) {
        out << YAML::Key;
        emit(out, Value(member.key));
        out << YAML::Value;
        emit(out, member.value);
      }
      out << YAML::EndMap;
      break;
  }
}

}  // namespace

Result<Value, TextError> parse_yaml(std::string_view text, const YamlLimits& limits) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (auto error = text_error(text)) return Unexpected<TextError>{std::move(*error)};
  try {
    Source source(text, limits.piece);
    std::istream stream(&source);
    YAML::Parser parser(stream);
    Builder builder(limits, source);
    if (!parser.HandleNextDocument(builder)) return Value();
    NoMore none;
    parser.HandleNextDocument(none);
    if (!is_closed(text, builder.last_scalar())) {
      return Unexpected<TextError>{{builder.last_scalar(), "a quote is not closed"}};
    }
    return builder.take();
  } catch (const Refusal& refusal) {
    return Unexpected<TextError>{{refusal.offset, refusal.message}};
  } catch (const YAML::Exception& error) {
    const auto at = static_cast<std::size_t>(std::max(error.mark.pos, 0));
    if (const auto tab = tab_in_indentation(text, at)) {
      return Unexpected<TextError>{{*tab, "a tab stands in the indentation, which takes spaces only"}};
    }
    return Unexpected<TextError>{{at, error.msg}};
  }
}

std::string write_yaml(const Value& value) {
  YAML::Emitter out;
  out.SetIndent(2);
  emit(out, value);
  return std::string(out.c_str(), out.size()) + "\n";
}

Parsed<Value> parse_document(const SourceText& source) {
  constexpr std::size_t kValues = 1'000'000;
  const std::size_t start = source.text.find_first_not_of("\xEF\xBB\xBF \t\r\n");
  const bool json_like = start != std::string::npos && (source.text[start] == '{' || source.text[start] == '[');
  const bool named_yaml = source.name.ends_with(".yaml") || source.name.ends_with(".yml");
  auto value = json_like ? parse_json(source.text, {.values = kValues}) : parse_yaml(source.text, {.nodes = kValues});
  std::string_view kind = json_like ? "JSON" : "YAML";
  if (!value && json_like && named_yaml) {
    auto again = parse_yaml(source.text, {.nodes = kValues});  // a flow map, which only looks like JSON
    if (again || again.error().offset > value.error().offset) {
      value = std::move(again);
      kind = "YAML";
    }
  }
  if (value) return {std::move(*value), {}};
  const TextError& error = value.error();
  return {std::nullopt,
          {{Severity::Error, "syntax", "The file is not valid " + std::string(kind) + ": " + error.message + ".",
            "Correct the text at this place and run the command again.", source.locate(error.offset)}}};
}

}  // namespace sluice
