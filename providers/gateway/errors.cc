#include "providers/gateway/errors.h"

#include <algorithm>
#include <array>

#include "plan/json.h"

namespace sluice::gateway {
namespace {

struct Entry {
  std::string_view code;
  int status;
  std::string_view message;
};

constexpr std::array kEntries = {
    Entry{"APIG.0101", 404, "The API does not exist or has not been published in the environment"},
    Entry{"APIG.1002", 401, "Incorrect token or token resolution failed"},
    Entry{"APIG.1005", 403, "No permissions to request this method"},
    Entry{"APIG.1101", 403, "No permissions to perform operations on this API group"},
    Entry{"APIG.1103", 403, "No permissions to perform operations on this environment"},
    Entry{"APIG.1107", 403, "No permissions to perform operations on this configuration"},
    Entry{"APIG.1137", 403, "No permissions to perform operations on this authorizer"},
    Entry{"APIG.2000", 400, "Parameter error"},
    Entry{"APIG.2001", 400, "The request parameters must be specified"},
    Entry{"APIG.2011", 400, "Invalid parameter value"},
    Entry{"APIG.2012", 400, "Invalid parameter value"},
    Entry{"APIG.2015", 400, "Invalid IP address"},
    Entry{"APIG.2026", 400, "The request path parameters are not defined"},
    Entry{"APIG.2027", 400, "The backend path parameters are not defined"},
    Entry{"APIG.2028", 400, "The request parameters mapped to the backend parameters are not defined"},
    Entry{"APIG.2030", 400, "Bad request for debugging the API"},
    Entry{"APIG.2036", 400, "Only APIs that use custom authentication can have authorizer parameters"},
    Entry{"APIG.2044", 400, "Invalid title of info"},
    Entry{"APIG.2045", 400, "Parse Servers error. The Servers must meet the documents"},
    Entry{"APIG.2046", 400, "Incorrect custom authentication timeout"},
    Entry{"APIG.2047", 400, "Incorrect number of retries for custom authentication"},
    Entry{"APIG.3001", 404, "The API group does not exist"},
    Entry{"APIG.3002", 404, "The API does not exist"},
    Entry{"APIG.3003", 404, "The environment does not exist"},
    Entry{"APIG.3005", 404, "The request throttling policy does not exist"},
    Entry{"APIG.3006", 404, "The access control policy does not exist"},
    Entry{"APIG.3007", 404, "The configuration does not exist"},
    Entry{"APIG.3010", 404, "The access control policy binding record does not exist"},
    Entry{"APIG.3012", 404, "The request throttling policy binding record does not exist"},
    Entry{"APIG.3013", 404, "The excluded request throttling configuration does not exist"},
    Entry{"APIG.3015", 404, "The API publication record does not exist"},
    Entry{"APIG.3022", 404, "The API version does not exist"},
    Entry{"APIG.3023", 404, "The VPC channel does not exist"},
    Entry{"APIG.3030", 404, "The instance does not exist"},
    Entry{"APIG.3068", 404, "The plugin does not exist"},
    Entry{"APIG.3081", 404, "The authorizer does not exist"},
    Entry{"APIG.3093", 404, "The asynchronous task does not exist"},
    Entry{"APIG.3095", 404, "The orchestrations does not exist"},
    Entry{"APIG.3100", 403, "The number of resources exceeds the maximum allowed limit"},
    Entry{"APIG.3101", 403, "The number of API groups exceeds the maximum allowed limit"},
    Entry{"APIG.3102", 403, "The number of APIs exceeds the maximum allowed limit"},
    Entry{"APIG.3104", 403, "The number of environments exceeds the maximum allowed limit"},
    Entry{"APIG.3107", 403, "The number of request throttling policies exceeds the maximum allowed limit"},
    Entry{"APIG.3109", 403, "The number of VPC channels exceeds the maximum allowed limit"},
    Entry{"APIG.3110", 403, "The number of cloud servers in the VPC channel exceeds the maximum allowed limit"},
    Entry{"APIG.3111", 403, "The number of parameters in req_params exceeds the maximum allowed limit"},
    Entry{"APIG.3112", 403, "The number of access control policies exceeds the maximum allowed limit"},
    Entry{"APIG.3113", 403, "The number of API backend policies exceeds the maximum allowed limit"},
    Entry{"APIG.3116", 403, "The number of authorizers exceeds the maximum allowed limit"},
    Entry{"APIG.3117", 403, "The number of identity sources exceeds the maximum allowed limit"},
    Entry{"APIG.3125", 403, "The number of APIs in the API group exceeds the maximum allowed limit"},
    Entry{"APIG.3127", 403,
          "The number of APIs has reached the upper limit. A maximum of 300 APIs can be imported at a time"},
    Entry{"APIG.3133", 403, "The number of API tags exceeds the maximum allowed limit"},
    Entry{"APIG.3136", 403, "The number of responses exceeds the maximum allowed limit"},
    Entry{"APIG.3150", 403, "The number of orchestration rules exceeds the maximum"},
    Entry{"APIG.3151", 403, "The number of orchestration rules bound to the API exceeds the maximum"},
    Entry{"APIG.3201", 400, "The API group name already exists"},
    Entry{"APIG.3202", 400, "The API name already exists"},
    Entry{"APIG.3204", 400, "The request throttling policy name already exists"},
    Entry{"APIG.3205", 400, "The environment name already exists"},
    Entry{"APIG.3206", 400, "The access control policy name already exists"},
    Entry{"APIG.3208", 400, "The VPC channel name already exists"},
    Entry{"APIG.3209", 400, "The parameter name already exists"},
    Entry{"APIG.3210", 400, "The backend policy name already exists"},
    Entry{"APIG.3211", 400, "The authorizer name already exists"},
    Entry{"APIG.3212", 400, "The identity source name already exists"},
    Entry{"APIG.3213", 400, "The tag name already exists"},
    Entry{"APIG.3216", 400, "The response name already exists"},
    Entry{"APIG.3301", 400, "The API already exists"},
    Entry{"APIG.3308", 400, "The excluded request throttling configuration already exists"},
    Entry{"APIG.3331", 400, "The orchestration rule name already exists"},
    Entry{"APIG.3414", 403, "The VPC channel is already being used by another API"},
    Entry{"APIG.3415", 412, "The API group cannot be deleted because it contains APIs"},
    Entry{"APIG.3416", 409, "The API cannot be deleted because it has been published"},
    Entry{"APIG.3418", 403, "The environment contains published APIs"},
    Entry{"APIG.3447", 403, "The access control policy cannot be deleted because it has been bound to APIs"},
    Entry{"APIG.3451", 403, "The request throttling policy cannot be deleted because it has been bound to APIs"},
    Entry{"APIG.3462", 409, "The plugin has been attached to the APIs and cannot perform the current operation"},
    Entry{"APIG.3491", 409, "The default response cannot be deleted"},
    Entry{"APIG.3492", 409, "The default response name cannot be modified"},
    Entry{"APIG.3500", 500, "Failed to synchronize data to etcd"},
    Entry{"APIG.3600", 400, "JSON or YAML format error"},
    Entry{"APIG.3601", 400, "The Swagger file version must be 2.0"},
    Entry{"APIG.3602", 400, "Syntax error in the Swagger file"},
    Entry{"APIG.3603", 400, "The input data is too long"},
    Entry{"APIG.3609", 400, "The input file is empty"},
    Entry{"APIG.3707", 409, "Only published APIs can be bound with plug-ins"},
    Entry{"APIG.3713", 412, "orchestration_mapped_param cannot be modified"},
    Entry{"APIG.3716", 409, "The orchestration rule is currently in use by another API"},
    Entry{"APIG.9008", 500, "Too many requests. Try again later"},
    Entry{"APIG.9999", 500, "System error"},
    Entry{"APIGW.0301", 401, "Incorrect IAM authentication information"},
    Entry{"APIGW.0307", 401, "The token must be updated"},
    Entry{"DLF.0100", 400, "The job does not exist."},
    Entry{"DLF.0102", 400, "The job name already exists."},
    Entry{"DLF.0201", 400, "Failed to create the script."},
    Entry{"DLF.0202", 400, "The script name already exists."},
    Entry{"DLF.0203", 400, "Failed to modify the script."},
    Entry{"DLF.0802", 400, "The parameter is not configured."},
    Entry{"DLF.0803", 400, "The OBS path is invalid."},
    Entry{"DLF.0810", 400, "Task does not exist"},
    Entry{"DLF.0815", 400, "Fail to read OBS file."},
    Entry{"DLF.0819", 400, "Workspace does not exist."},
    Entry{"DLF.1242", 400, "The bucket does not exist."},
    Entry{"DLF.3004", 400, "The job name cannot be blank."},
    Entry{"DLF.3018", 400, "The job name is invalid."},
    Entry{"DLF.3025", 400, "The schedule parameter is invalid."},
    Entry{"DLF.3050", 400, "The job description is invalid."},
    Entry{"DLF.3051", 400, "The request parameter is invalid."},
    Entry{"DLF.6201", 400, "The script does not exist."},
    Entry{"DLF.6247", 400, "The script type is missing."},
};

const Entry* find_entry(std::string_view code) {
  const auto* at =
      std::lower_bound(kEntries.begin(), kEntries.end(), code, [](const Entry& e, auto c) { return e.code < c; });
  return at != kEntries.end() && at->code == code ? at : nullptr;
}

bool is_beyond_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80; }

constexpr std::string_view kAdvice = ". Please refer to the support documentation";

}  // namespace

int status_of(std::string_view code, bool by_table) {
  if (by_table && code == "APIG.1005") return 401;
  if (by_table && (code == "APIG.3415" || code == "APIG.3416")) return 403;
  const Entry* entry = find_entry(code);
  return entry != nullptr ? entry->status : 400;
}

Unexpected<Fault> refuse(std::string_view code) {
  const Entry* entry = find_entry(code);
  return {Fault{std::string(code), std::string(entry != nullptr ? entry->message : "Parameter error")}};
}

Unexpected<Fault> refuse(std::string_view code, std::string message) {
  return {Fault{std::string(code), std::move(message)}};
}

Fault missing(std::string_view parameter) {
  return {"APIG.2001",
          "The request parameters must be specified,parameterName:" + std::string(parameter) + std::string(kAdvice)};
}

Fault invalid(std::string_view parameter, std::string_view code) {
  return {std::string(code), "Invalid parameter value,parameterName:" + std::string(parameter) + std::string(kAdvice)};
}

Unexpected<Fault> refuse_missing(std::string_view parameter) { return {missing(parameter)}; }

Unexpected<Fault> refuse_invalid(std::string_view parameter, std::string_view code) {
  return {invalid(parameter, code)};
}

std::string fault_body(const Fault& fault) {
  Value body;
  std::string message = fault.message;
  // Paths and form fields may hold any bytes, an answer may not.
  if (text_error(message)) std::replace_if(message.begin(), message.end(), is_beyond_ascii, '?');
  body.set("error_code", fault.code).set("error_msg", std::move(message));
  return write_json(body);
}

HttpResponse fault_answer(const Fault& fault, bool by_table) {
  return {status_of(fault.code, by_table), {{"Content-Type", "application/json"}}, fault_body(fault)};
}

}  // namespace sluice::gateway
