// The gateway's extensions to Swagger: the one table of their names, where they stand, and which clouds have them.
// Source: APIG user guide, "Extended Definition" (Huawei Cloud, 34 of them; Open Telekom Cloud); places as exports have
// them too.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/schema.h"
#include "plan/value.h"

namespace sluice {

/// Whose gateway it is. Huawei Cloud's has everything, and so has the embedded one.
enum class CloudKind : std::uint8_t { Huawei, Otc };

/// The cloud that a manifest's `gateway` means.
CloudKind cloud_of(std::string_view provider, std::string_view cloud);
std::string_view to_string(CloudKind cloud);

/// A kind of object in a document.
enum class Level : std::uint8_t {
  Root,
  Components,
  PathItem,
  Operation,
  Parameter,
  Responses,
  Response,
  SecurityScheme,
};

/// Where an extension is written, of those places where it is read.
struct Extension {
  std::string_view name;          ///< as the user guide lists it; what stands inside another is named behind a dot
  std::span<const Level> levels;  ///< where it is read, the place where it is written first; none: inside another
  std::string_view inside;        ///< the extensions that hold it
  std::string_view fallback;      ///< what a document that leaves it out means, in words; "": nothing
  std::string_view validated;     ///< what is checked before anything is sent, in words
  bool on_otc = true;             ///< Open Telekom Cloud has it
};
std::span<const Extension> extensions();

/// The extension of this name, or null.
const Extension* find_extension(std::string_view name);

/// The extension that a field of a schema table is, or null.
const Extension* extension_of(const FieldSchema& field);

/// Something in a canonical API body that a cloud lacks.
struct Lacking {
  std::string what;                ///< "x-apigateway-sample"
  std::vector<std::string> place;  ///< tokens: names of members, keys of elements
  bool vital = false;              ///< the API would mean something else without it
};

/// What of an API the cloud's gateways do not have, and the API without it; what is vital is still there.
struct OnCloud {
  std::vector<Lacking> lacking;
  Value body;
};
OnCloud body_on(CloudKind cloud, const Value& body);

/// The table of extensions in Markdown, a row each; `tested` gives the last column.
std::string extensions_table(const std::vector<std::string>& tested);

}  // namespace sluice
