// Definitions of single APIs, for where an export cannot tell. Source of the format: APIG API reference V2, "Querying
// API Details"; what becomes what: user guide, "Extended Definition".
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "providers/apig/wire.h"

namespace sluice::apig {

/// What definitions refer to by id and documents by name.
enum class Referred { Authorizer, Channel, Response, Rule };

/// Names by id. Member groups of channels stand among the channels. An id that is not there stands for itself.
using ReferredNames = std::map<Referred, std::map<std::string, std::string>>;

HttpRequest show_api(std::string_view base, std::string_view api_id);

/// The definition, as the JSON API has it. Errors: Protocol when it lacks its method or path.
Result<Value> read_api(HttpResponse& answer);

/// Whether a definition refers to something of this kind, so that its names are wanted.
bool refers_to(const Value& definition, Referred kind);

/// The Swagger document that holds this API and nothing else, as an export of drafts has it.
Value document_of(const Value& definition, const ReferredNames& names);

/// Whether a list's item, as far as it goes, says something else than this body (of a draft, as exports have it).
/// References are not looked at: an item has their ids only.
bool item_differs(const Value& item, const Value& body);

}  // namespace sluice::apig
