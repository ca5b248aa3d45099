// ${NAME} in a manifest: where values come from, and how they are put in.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "plan/diagnostic.h"
#include "plan/secrets.h"
#include "plan/source.h"
#include "plan/value.h"

namespace sluice {

/// Values for ${NAME}.
using Variables = std::map<std::string, std::string, std::less<>>;

/// Whether a variable of this name holds a credential: a manifest may never spell it into its text.
bool is_credential_name(std::string_view name);

/// Reads a file of variables: a map of scalars, JSON or YAML, or lines of NAME=VALUE, whichever its first line says.
/// Lines that start with # are comments; a value goes to the end of its line as it stands.
Parsed<Variables> parse_variables(const SourceText& source);

/// What is wrong with a variable, at the mark of the text that names it.
using VariableProblem =
    std::function<void(std::string code, std::string summary, std::string detail, std::uint32_t mark)>;

/// Where values come from, and the secrets that were asked for.
struct VariableSources {
  Variables variables;
  Variables environment;  ///< of ${secret:NAME}
  Secrets secrets = {};   ///< what of it was named
};

/// `value` with ${NAME} and ${NAME:-default} replaced in every text; $${ stands for a literal ${. A value that is put
/// in is not read again. ${secret:NAME} becomes a mark of the secret (secrets.h). Every mark grows by `shift`. Keys are
/// not expanded.
Value expand_variables(const Value& value, VariableSources& sources, std::uint32_t shift,
                       const VariableProblem& problem);

}  // namespace sluice
