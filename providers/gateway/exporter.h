// Writing APIs as the Swagger 2.0 text that the service exports: its order, its indentation, its spelled-out defaults.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plan/value.h"

namespace sluice::gateway {

/// An API of an export: a definition of the JSON API, the name of its group response ("" for the default one), and the
/// names of what is bound to it, as far as the export shows that.
struct ExportedApi {
  Value definition;
  std::string response;
  std::string access_control;
  std::string ratelimit;
  Value plugins;
};

/// How exports are worded, where the service's documents show more than one way.
struct ExportStyle {
  bool splice_last = true;        ///< the last key of JSON set apart, as the documented example has it
  bool samples_inside = false;    ///< result samples inside `default`, not beside it
  bool lower_case = false;        ///< `in` of backend parameters
  bool documented_words = false;  ///< `equal`, `request`, `parameter_name` in conditions
};

/// What an export holds. The policies and authorizers are objects by name, in the words of documents; null for
/// extensions that the export has none of.
struct ExportedGroup {
  std::string id;
  std::string name;
  std::string remark;
  std::string version;
  ExportStyle style;
  std::vector<ExportedApi> apis;
  Value access_controls;
  Value ratelimits;
  Value authorizers;
  Value responses = Value::object();
};

/// The document, ordered by path and method. With `backends` false only the front end is written. Of APIs with the same
/// path and method only the NORMAL one is written: a Swagger object has no room for both.
Value make_swagger(const ExportedGroup& group, bool backends);

/// The same document as JSON indented by tabs, its last member set apart if the style says so.
std::string write_swagger_json(const ExportedGroup& group, bool backends);

}  // namespace sluice::gateway
