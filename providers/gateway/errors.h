// The service's error codes: which HTTP status and which words go with each. From the error table and endpoint pages of
// the API Gateway V2 reference; where the two disagree the endpoint page counts. DLF codes are DataArts Factory's.
#pragma once

#include <string>
#include <string_view>

#include "plan/result.h"
#include "providers/http/transport.h"

namespace sluice::gateway {

/// A refusal as the service words it: the two members of every error body.
struct Fault {
  std::string code;
  std::string message;
};

/// What a handler gives back: an answer, or a fault that becomes one.
using Reply = Result<HttpResponse, Fault>;

/// The HTTP status of a code; 400 for codes the table does not hold. Where the error table and the endpoint pages
/// disagree the pages count, unless `by_table`.
int status_of(std::string_view code, bool by_table = false);

/// A refusal in the words of the error table.
Unexpected<Fault> refuse(std::string_view code);
/// A refusal in the words of an endpoint page.
Unexpected<Fault> refuse(std::string_view code, std::string message);

/// APIG.2001: a mandatory parameter is absent.
Fault missing(std::string_view parameter);
/// APIG.2011, or another code for the same words: a parameter has a value it cannot have.
Fault invalid(std::string_view parameter, std::string_view code = "APIG.2011");

Unexpected<Fault> refuse_missing(std::string_view parameter);
Unexpected<Fault> refuse_invalid(std::string_view parameter, std::string_view code = "APIG.2011");

/// The error body.
std::string fault_body(const Fault& fault);
/// The answer to a refused request.
HttpResponse fault_answer(const Fault& fault, bool by_table = false);

}  // namespace sluice::gateway
