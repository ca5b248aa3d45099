#include "plan/block_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "plan/json.h"
#include "plan/yaml.h"

namespace sluice {

std::optional<Value> BlockReader::add(SourceText source) {
  const std::size_t size = source.text.size() + 1;
  if (size > std::numeric_limits<std::uint32_t>::max() - end_) {
    report({Severity::Error,
            "manifest-size",
            "The files of the manifest are larger than 4 GB.",
            "Include fewer of them.",
            {source.name}});
    return std::nullopt;
  }
  const File& file = files_.emplace_back(std::move(source), end_);
  end_ += static_cast<std::uint32_t>(size);
  auto document = parse_document(file.source);
  diagnostics_.insert(diagnostics_.end(), document.diagnostics.begin(), document.diagnostics.end());
  if (!document.value) return std::nullopt;
  return expand_variables(*document.value, sources_, file.start,
                          [this](std::string code, std::string summary, std::string detail, std::uint32_t mark) {
                            error(std::move(code), std::move(summary), std::move(detail), mark);
                          });
}

void BlockReader::error(std::string code, std::string summary, std::string detail, std::uint32_t mark) {
  report({Severity::Error, std::move(code), std::move(summary), std::move(detail), at(mark)});
}

SourceSpan BlockReader::at(std::uint32_t mark) const {
  auto file = std::upper_bound(files_.begin(), files_.end(), mark,
                               [](std::uint32_t wanted, const File& one) { return wanted < one.start; });
  if (file == files_.begin()) return {};
  --file;
  return file->places.at(mark - file->start);
}

std::vector<std::string> BlockReader::files() const {
  std::vector<std::string> names;
  for (const File& file : files_) names.push_back(file.source.name);
  return names;
}

void BlockReader::check_keys(const Value& block, std::span<const Key> known, std::string_view where) {
  std::vector<std::string_view> names;
  for (const Key& key : known) names.push_back(key.name);
  for (const auto& member : block.members()) {
    const auto key = std::find_if(known.begin(), known.end(), [&](const Key& k) { return k.name == member.key; });
    if (key == known.end()) {
      const std::string near = did_you_mean(member.key, names);
      error("key-unknown", fmt::format("`{}` is not a key of {}.", member.key, where),
            near.empty() ? fmt::format("Known keys are {}.", fmt::join(names, ", "))
                         : fmt::format("Did you mean `{}`?", near),
            member.key_mark);
    } else if (!key->built) {
      error("not-built", fmt::format("`{}` of {} is not built yet.", member.key, where),
            "Leave the key out to go on without it.", member.key_mark);
    }
  }
}

const Value* BlockReader::block(const Value& parent, std::string_view name) {
  const Value* value = parent.find(name);
  if (value == nullptr || value->is_null()) return nullptr;
  if (value->is_object()) return value;
  error("key-shape", fmt::format("`{}` is not a map.", name), "Write its keys below it, indented.", value->mark());
  return nullptr;
}

void BlockReader::read_text(const Value& parent, std::string_view name, std::string& into) {
  const Value* value = parent.find(name);
  if (value == nullptr || value->is_null()) return;
  if (value->is_array() || value->is_object()) {
    error("key-shape", fmt::format("`{}` is not a text.", name), "Write one value after the colon.", value->mark());
    return;
  }
  if (is_secret(*value, name)) return;
  into = value->is_string() ? value->as_string() : write_json(*value);
}

bool BlockReader::is_secret(const Value& value, std::string_view name) {
  if (!value.is_string() || !is_mark(value.as_string())) return false;
  error("secret-place", fmt::format("`{}` cannot hold a secret.", name),
        "Secrets may stand in the values of `operations.backend`, `overrides`, `ratelimits` and `acls`.", value.mark());
  return true;
}

void BlockReader::read_choice(const Value& parent, std::string_view name, std::span<const std::string_view> choices,
                              std::string& into) {
  std::string text = into;
  read_text(parent, name, text);
  if (std::find(choices.begin(), choices.end(), text) == choices.end()) {
    error("value-unknown", fmt::format("`{}` cannot be \"{}\".", name, text),
          fmt::format("Choose one of {}.", fmt::join(choices, ", ")), parent.find(name)->mark());
    return;
  }
  into = text;
}

std::vector<Value> BlockReader::read_texts(const Value& parent, std::string_view name) {
  const Value* value = parent.find(name);
  if (value == nullptr || value->is_null()) return {};
  if (value->is_object()) {
    error("key-shape", fmt::format("`{}` is not a list.", name), "Write [ONE, TWO], or one text.", value->mark());
    return {};
  }
  const Value::Array single = {*value};
  std::vector<Value> texts;
  for (const Value& item : value->is_array() ? value->items() : single) {
    if (item.is_array() || item.is_object() || item.is_null() || (item.is_string() && item.as_string().empty())) {
      error("key-shape", fmt::format("`{}` holds something that is not a text.", name),
            "Write one text for each element of the list.", item.mark());
      continue;
    }
    if (is_secret(item, name)) continue;
    texts.push_back(item);
    if (item.is_string()) continue;
    texts.back() = Value(write_json(item));
    texts.back().set_mark(item.mark());
  }
  return texts;
}

void BlockReader::read_count(const Value& value, std::size_t& into) {
  std::int64_t count = 0;
  if (value.is_integer()) count = value.as_integer();
  if (value.is_string()) {
    const std::string& text = value.as_string();
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (code != std::errc() || end != text.data() + text.size()) count = 0;
  }
  if (count < 1) {
    error("value-unknown", "A limit must be a whole number above zero.", "Correct it.", value.mark());
    return;
  }
  into = static_cast<std::size_t>(count);
}

Diagnostics BlockReader::take_diagnostics() {
  sort_diagnostics(diagnostics_);
  diagnostics_.erase(std::unique(diagnostics_.begin(), diagnostics_.end()), diagnostics_.end());  // of `defaults`
  return std::move(diagnostics_);
}

}  // namespace sluice
