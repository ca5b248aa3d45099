#include "plan/explain.h"

#include <fmt/format.h>

#include <algorithm>

#include "plan/canonical.h"
#include "plan/schema.h"

namespace sluice {
namespace {

/// The same place in every layer; null where a layer says nothing about it.
struct Sources {
  const Value* file = nullptr;
  const Value* filled = nullptr;
  std::vector<const Value*> overrides;
};

class Explanation {
 public:
  Explanation(const BodyLayers& layers, const std::vector<Override>& overrides,
              const std::function<SourceSpan(std::uint32_t)>& at)
      : layers_(layers), overrides_(overrides), at_(at) {}

  std::vector<ValueOrigin> run(const Value& body) {
    Sources sources{&layers_.file, &layers_.filled, {}};
    for (const std::size_t index : layers_.overrides) sources.overrides.push_back(&overrides_[index].set);
    walk("", body, schema_of("api").fields, {}, sources, layers_.mark);
    return std::move(origins_);
  }

 private:
  static Sources members(const Sources& sources, std::string_view name) {
    const auto find = [name](const Value* value) { return value != nullptr ? value->find(name) : nullptr; };
    Sources inner{find(sources.file), find(sources.filled), {}};
    for (const Value* one : sources.overrides) inner.overrides.push_back(find(one));
    return inner;
  }

  static Sources elements(const Sources& sources, const std::string& key, const FieldSchema& list) {
    const auto find = [&](const Value* value) { return value != nullptr ? find_element(*value, key, list) : nullptr; };
    Sources inner{find(sources.file), find(sources.filled), {}};
    for (const Value* one : sources.overrides) inner.overrides.push_back(find(one));
    return inner;
  }

  void walk(const std::string& path, const Value& body, std::span<const FieldSchema> fields,
            std::span<const std::string_view> keys, const Sources& sources, std::uint32_t mark) {
    for (const auto& member : body.members()) {
      const bool identity = path.empty() && (member.key == "method" || member.key == "path");
      if (identity || std::find(keys.begin(), keys.end(), member.key) != keys.end()) continue;
      const FieldSchema* field = find_field(fields, member.key);
      const Sources inner = members(sources, member.key);
      const std::string at = path + "/" + pointer_token(member.key);
      const std::uint32_t here = inner.file != nullptr && inner.file->mark() != 0 ? inner.file->mark() : mark;
      if (field != nullptr && field->kind == FieldKind::Object && member.value.is_object()) {
        walk(at, member.value, field->fields, {}, inner, here);
      } else if (field != nullptr && field->kind == FieldKind::KeyedList && !member.value.items().empty()) {
        for (const Value& element : member.value.items()) {
          const Sources of_element = elements(inner, folded_element_key(element, *field), *field);
          const Value* own = of_element.file;
          walk(at + "/" + pointer_token(element_key(element, *field)), element, field->fields, field->keys, of_element,
               own != nullptr && own->mark() != 0 ? own->mark() : here);
        }
      } else {
        origins_.push_back({at, member.value, layer_of(at, member.value, inner, here)});
      }
    }
  }

  std::string layer_of(std::string_view path, const Value& value, const Sources& sources, std::uint32_t mark) const {
    // A name that is not as given was made.
    const auto made = [&](const Value* given) { return path == "/operationId" && given != nullptr && *given != value; };
    for (std::size_t i = sources.overrides.size(); i-- > 0;) {
      if (sources.overrides[i] == nullptr || made(sources.overrides[i])) continue;
      const std::size_t index = layers_.overrides[i];
      return fmt::format("overrides[{}] at {}", index, to_string(overrides_[index].at));
    }
    if (sources.file != nullptr && !made(sources.file)) return to_string(at_(mark));
    return sources.filled != nullptr || path == "/operationId" ? "operations" : "gateway default";
  }

  const BodyLayers& layers_;
  const std::vector<Override>& overrides_;
  const std::function<SourceSpan(std::uint32_t)>& at_;
  std::vector<ValueOrigin> origins_;
};

}  // namespace

std::vector<ValueOrigin> explain(const Value& body, const BodyLayers& layers, const std::vector<Override>& overrides,
                                 const std::function<SourceSpan(std::uint32_t)>& at) {
  return Explanation(layers, overrides, at).run(body);
}

}  // namespace sluice
