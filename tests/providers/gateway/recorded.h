// Requests of the cloud's official clients as they were recorded, one row each: what differs between them.
// replay_test.cc puts their bytes together.
#pragma once

#include <string_view>

namespace sluice::gateway::test {

/// Who sent it and how it proves itself: the Python client with a key, a temporary key, a key and a token, or a token
/// alone, and the Node client with a key.
enum class Client { Signed, Temporary, Token, TokenOnly, Node };

/// `type` is j or u for JSON (u says its character set), m for a form. The body of a form is "BOUNDARY plain|typed
/// NAME=VALUE ...", to which the document kSample is added as a file, with its type or without. `time` is the time of
/// day on 2026-11-22. `shape` are the members that the answer must have, as "PATH kind", with s text, i number, b flag,
/// a list, o object; "[]" is the first element. `then` is the error code, or the recorded ids that what was made must
/// have from here on.
struct Recorded {
  Client client;
  std::string_view method;
  std::string_view target;
  char type;
  std::string_view time;
  std::string_view signature;
  std::string_view body;
  int status;
  std::string_view shape;
  std::string_view then;
};

inline constexpr std::string_view kSample =
    R"({"swagger":"2.0","info":{"title":"sdk-sample","version":"1"},"paths":{"/test1":{"get":{"operationId":"API_one","schemes":["https"],"responses":{"default":{"description":"ok"}},"x-apigateway-request-type":"public","x-apigateway-cors":false,"x-apigateway-match-mode":"NORMAL","x-apigateway-backend":{"type":"MOCK","mockEndpoints":{"result-content":"not ok"}}}},"/test2/{id}":{"post":{"operationId":"API_two","parameters":[{"name":"id","in":"path","type":"string","required":true}],"responses":{"200":{"description":"中文"}},"x-apigateway-backend":{"type":"HTTP","httpEndpoints":{"address":"127.0.0.1:9","scheme":"http","method":"POST","path":"/b/{id}","timeout":5000}}},"x-apigateway-any-method":{"operationId":"API_any","responses":{"200":{"description":"any"}},"x-apigateway-backend":{"type":"MOCK","mockEndpoints":{"result-content":"x"}}}}}}
)";

inline constexpr std::string_view kNothing = "";
inline constexpr std::string_view kError = "error_code s, error_msg s";
inline constexpr std::string_view kTaskId = "task_id s";
inline constexpr std::string_view kImportTask = "task_id s, task_status s, task_type s, task_result s";
inline constexpr std::string_view kExportTask = kImportTask;
inline constexpr std::string_view kGroup =
    "id s, name s, status i, sl_domain s, register_time s, update_time s, on_sell_status i, url_domains a, sl_domains "
    "a, "
    "remark s, is_default i, version s, sl_domain_access_enabled b";
inline constexpr std::string_view kGroups =
    "size i, total i, groups.[].id s, groups.[].name s, groups.[].status i, groups.[].sl_domain s, "
    "groups.[].register_time s, groups.[].update_time s, groups.[].on_sell_status i, groups.[].url_domains a, "
    "groups.[].sl_domains a, groups.[].remark s, groups.[].is_default i, groups.[].version s";
inline constexpr std::string_view kApis =
    "size i, total i, apis.[].id s, apis.[].name s, apis.[].type i, apis.[].version s, apis.[].req_protocol s, "
    "apis.[].req_method s, apis.[].req_uri s, apis.[].auth_type s, apis.[].match_mode s, apis.[].status i, "
    "apis.[].group_id s, apis.[].group_name s, apis.[].run_env_id s, apis.[].run_env_name s, apis.[].register_time s, "
    "apis.[].update_time s, apis.[].backend_type s, apis.[].auth_opt.app_code_auth_type s, apis.[].cors b, "
    "apis.[].arrange_necessary i, apis.[].group_version s";
inline constexpr std::string_view kNoApis = "size i, total i, apis a";
inline constexpr std::string_view kEnvironments =
    "size i, total i, envs.[].id s, envs.[].name s, envs.[].remark s, envs.[].create_time s";
inline constexpr std::string_view kPublished =
    "publish_id s, api_id s, api_name s, env_id s, remark s, publish_time s, version_id s";
inline constexpr std::string_view kBatch =
    "success.[].publish_id s, success.[].api_id s, success.[].api_name s, success.[].env_id s, success.[].remark s, "
    "success.[].publish_time s, success.[].version_id s, failure a";
inline constexpr std::string_view kResult =
    "success.[].id s, success.[].action s, success.[].method s, success.[].path s, failure a, swagger.id s, "
    "swagger.result s, ignore a, group_id s";

/// The first characters of the signature of the one request that has a header `workspace`.
inline constexpr std::string_view kWorkspaceSignature = "0e20c68e";

inline constexpr Recorded kRecorded[] = {
    {Client::Signed, "POST", "/api-groups", 'u', "051741",
     "8847aa40fc1b26061e9cd21bfb87ea9af714a7d86df1c40a6c562a970535d1b4",
     R"({"name": "sdk_driver_324661", "remark": "made by the official SDK"})", 201, kGroup,
     "group d97bccc65fc949a4a989f4236b6e5ee6"},
    {Client::Signed, "GET", "/api-groups?limit=20&name=sdk_driver_324661&offset=0&precise_search=name", 'j', "051741",
     "316888a0c9b82c4388936ff5a73c62a6c68995a15e4862cee426335d3b41b02a", "", 200, kGroups, ""},
    {Client::Signed, "GET", "/api-groups/d97bccc65fc949a4a989f4236b6e5ee6", 'j', "051741",
     "5a2061b3c707e48de6bca6611384803ceac9fb19b8f9fe4215a66e6ddcbfe238", "", 200, kGroup, ""},
    {Client::Signed, "POST", "/openapi/async-import", 'm', "051741",
     "f1c939fa0ddce6df441df1f01eab2e4fdb75f95ce2b70d5222fa77e16a2036a4",
     "5d0fbfc5f9094d49bb181b449ad0fdf2 plain is_create_group=false group_id=d97bccc65fc949a4a989f4236b6e5ee6 "
     "extend_mode=merge simple_mode=false mock_mode=false",
     202, kTaskId, "task d75e5c47c33d4f05b546eeebe550446f"},
    {Client::Signed, "GET", "/async-tasks/d75e5c47c33d4f05b546eeebe550446f", 'j', "051741",
     "9dfca2d4f1ec20b61fd69582b75a0df985794b412235586feed867f7dbe9f374", "", 200, kImportTask,
     "apis 12866302d5b94c6fad9dfbb82011f1b4 e901145c08ce4fb98721c6982411fada a7c2206539f5469da83a4e88a8cbffbc"},
    {Client::Signed, "GET", "/async-tasks/d75e5c47c33d4f05b546eeebe550446f", 'j', "051741",
     "9dfca2d4f1ec20b61fd69582b75a0df985794b412235586feed867f7dbe9f374", "", 200, kImportTask, ""},
    {Client::Signed, "GET", "/async-tasks/d75e5c47c33d4f05b546eeebe550446f", 'j', "051741",
     "9dfca2d4f1ec20b61fd69582b75a0df985794b412235586feed867f7dbe9f374", "", 200, kImportTask, ""},
    {Client::Signed, "GET", "/apis?group_id=d97bccc65fc949a4a989f4236b6e5ee6&limit=100&offset=0", 'j', "051741",
     "5af35a4a9f4cd71751efa0eb5329e5f136aec7bf7bb14d17e3bf9492fd6e82ea", "", 200, kApis, ""},
    {Client::Signed, "GET", "/envs?limit=20&offset=0", 'j', "051741",
     "a4c0779df0ec77003f119c77d388b74732cba15eafb22a584aac6bd47bf877ba", "", 200, kEnvironments, ""},
    {Client::Signed, "POST", "/apis/action", 'u', "051742",
     "66166103c39352a284a0759172a68cc856d4df58fe7667b711b6560df57747e9",
     R"({"action": "online", "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "api_id": "12866302d5b94c6fad9dfbb82011f1b4", "remark": "driver"})",
     201, kPublished, ""},
    {Client::Signed, "POST", "/apis/publish?action=online", 'u', "051742",
     "0be857c90d95d0094191a4d0ce890a04bb46507c9dbb01116e9108e01b836520",
     R"({"apis": ["12866302d5b94c6fad9dfbb82011f1b4", "e901145c08ce4fb98721c6982411fada", "a7c2206539f5469da83a4e88a8cbffbc"], "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "remark": "driver"})",
     200, kBatch, ""},
    {Client::Signed, "POST", "/openapi/async-export", 'u', "051742",
     "9b461bd2d9f7529d728b03aecb605b57fc5c9fc22ddfb242b2e70ab4dd280ff7",
     R"({"env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "group_id": "d97bccc65fc949a4a989f4236b6e5ee6", "define": "all", "type": "json", "version": "driver-1"})",
     202, kTaskId, "task dd11d0f4645e4771b7e9aa9e0d2206f0"},
    {Client::Signed, "GET", "/async-tasks/dd11d0f4645e4771b7e9aa9e0d2206f0", 'j', "051742",
     "bff13f58117e40b77a8ae0cbd0414c53068381b40246bcb2ee655340c6920150", "", 200, kExportTask, ""},
    {Client::Signed, "GET", "/async-tasks/dd11d0f4645e4771b7e9aa9e0d2206f0", 'j', "051742",
     "bff13f58117e40b77a8ae0cbd0414c53068381b40246bcb2ee655340c6920150", "", 200, kExportTask, ""},
    {Client::Signed, "GET", "/async-tasks/dd11d0f4645e4771b7e9aa9e0d2206f0", 'j', "051742",
     "bff13f58117e40b77a8ae0cbd0414c53068381b40246bcb2ee655340c6920150", "", 200, kExportTask, ""},
    {Client::Signed, "POST", "/openapi/import", 'm', "051742",
     "f0833eb6981ded83fed55afa2f3c4bdb336b28c6c3a08d14d01444a5c1aab147",
     "25a7312c8a7946f09be8dd5d831dd93d typed is_create_group=false group_id=d97bccc65fc949a4a989f4236b6e5ee6 "
     "extend_mode=override simple_mode=true mock_mode=true api_mode=override",
     200, kResult, ""},
    {Client::Signed, "POST", "/openapi/export?oas_version=3.0", 'u', "051742",
     "158d74db8b4ecd598356f466a566d3bac6fb19329b7ad5838a16efce0e831866",
     R"({"env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "group_id": "d97bccc65fc949a4a989f4236b6e5ee6", "define": "base", "type": "yaml", "apis": ["12866302d5b94c6fad9dfbb82011f1b4", "e901145c08ce4fb98721c6982411fada"]})",
     400, kError, "APIG.2011"},
    {Client::Signed, "POST", "/openapi/async-export?oas_version=3.0", 'u', "051742",
     "e05c29a618f82f5e30bee5fd189916d48502f2a8d608b0c677d3e6cd28b2252c",
     R"({"env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "group_id": "d97bccc65fc949a4a989f4236b6e5ee6", "define": "full", "type": "yaml", "version": "driver-2"})",
     400, kError, "APIG.2011"},
    {Client::Signed, "GET",
     "/apis?env_id=DEFAULT_ENVIRONMENT_RELEASE_ID&limit=500&name=API_x&offset=0&precise_search=name%2Creq_uri&req_uri=%"
     "2Fv1%2F%E5%90%8D%20%E5%AD%97%3F%26%3D%2F%7Bid%7D&type=1",
     'j', "051742", "61d1c5823269c89cb61f91af6ab1604e4b764feddff4b9b225b91cd8245d1989", "", 200, kNoApis, ""},
    {Client::Signed, "GET", "/async-tasks/00000000000000000000000000000000", 'j', "051742",
     "c331ab246614bd5b1766c61585f811a0edf89687c1bd7672bb07ac437dd8f086", "", 404, kError, "APIG.3093"},
    {Client::Signed, "POST", "/api-groups", 'u', "051742",
     "6c64755d0fadac39693f40b44f6194884d6fe67c65824192de81c03686ea2767", R"({"name": "sdk_driver_324661"})", 400,
     kError, "APIG.3201"},
    {Client::Signed, "GET", "/v1/0123456789abcdef0123456789abcdef/system-tasks/008aae2e675d933301677a5fbd8b1ac8", 'j',
     "051743", "0e20c68e92dfb939e16f63ff49df1dd67268df9ecb17b2c09bca05445fb53dec", "", 400, kError, "DLF.0810"},
    {Client::Signed, "GET", "/v1/0123456789abcdef0123456789abcdef/system-tasks/008aae2e675d933301677a5fbd8b1ac8", 'j',
     "051743", "bbd567ce1f71b6de997c507f1bfe290a79a221d3e291837735961f6b9e3746ff", "", 400, kError, "DLF.0810"},
    {Client::Signed, "POST", "/apis/action", 'u', "051743",
     "f7d4197eb901be2e962fcb8d5e6b9485088657668e37f52837dd42b4e82625f1",
     R"({"action": "offline", "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "api_id": "12866302d5b94c6fad9dfbb82011f1b4"})",
     201, kPublished, ""},
    {Client::Signed, "POST", "/apis/publish?action=offline", 'u', "051743",
     "4c01b95854ced4a6023f8ab0c38b43ff7a3584ddae43ffc6437acb5aa8018a71",
     R"({"apis": ["12866302d5b94c6fad9dfbb82011f1b4", "e901145c08ce4fb98721c6982411fada", "a7c2206539f5469da83a4e88a8cbffbc"], "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID"})",
     200, kBatch, ""},
    {Client::Signed, "GET", "/apis?group_id=d97bccc65fc949a4a989f4236b6e5ee6&limit=100&offset=0", 'j', "051743",
     "778efb537062f40a411dff31f2ffb1668fbebd4c136da001978d44a68260a5c6", "", 200, kApis, ""},
    {Client::Signed, "DELETE", "/apis/12866302d5b94c6fad9dfbb82011f1b4", 'j', "051743",
     "aaa64089f1a1e1ac5b7795025345631cb8ae3f9d819f61c7d09da5183d03e6a2", "", 204, kNothing, ""},
    {Client::Signed, "DELETE", "/apis/e901145c08ce4fb98721c6982411fada", 'j', "051743",
     "9449322a5d74881299567139095765ac45bc5cc66b2e83e2254e0c952a1f514c", "", 204, kNothing, ""},
    {Client::Signed, "DELETE", "/apis/a7c2206539f5469da83a4e88a8cbffbc", 'j', "051743",
     "b64aca32ea38a2f054f3fb44e8330da5819b8e0be6a85c508668407c45964465", "", 204, kNothing, ""},
    {Client::Signed, "DELETE", "/api-groups/d97bccc65fc949a4a989f4236b6e5ee6", 'j', "051743",
     "26ac2022ba673f6730558a93cf7c5cd8d26155dee898a022bfc46a55886ea8a5", "", 204, kNothing, ""},
    {Client::Node, "POST", "/api-groups", 'j', "052838",
     "6da8d851ce192db289a56be019cfcb8a250c3c6a8d06a1636982b3bf4ae62b0c",
     R"({"name":"node_driver_318401","remark":"node sdk"})", 201, kGroup, "group 71c22de540a74316813533231d6ac131"},
    {Client::Node, "POST", "/openapi/async-import", 'm', "052838",
     "5fc347d486318efdc7d360f69d3ea7d32a5810343c50d65e5e7ea5acb015aacb",
     "--------------------------1ac122f89bb91f331c033518 typed is_create_group=false "
     "group_id=71c22de540a74316813533231d6ac131 extend_mode=merge simple_mode=false mock_mode=false",
     202, kTaskId, "task 6dc7cce1f62f42d692e765a522c604b5"},
    {Client::Node, "GET", "/async-tasks/6dc7cce1f62f42d692e765a522c604b5", 'j', "052838",
     "616e73f9d87563d8f3b96dcc501bff234d09db0aa3f991267815b8b3142f8406", "", 200, kImportTask,
     "apis c1b2e2368e96497c816544663c801e0f fb7222c76113455b9e2fb78cae3cd436 0c6d052eafc84cb88df44b82b7bb171b"},
    {Client::Node, "GET", "/async-tasks/6dc7cce1f62f42d692e765a522c604b5", 'j', "052838",
     "616e73f9d87563d8f3b96dcc501bff234d09db0aa3f991267815b8b3142f8406", "", 200, kImportTask, ""},
    {Client::Node, "GET", "/async-tasks/6dc7cce1f62f42d692e765a522c604b5", 'j', "052838",
     "616e73f9d87563d8f3b96dcc501bff234d09db0aa3f991267815b8b3142f8406", "", 200, kImportTask, ""},
    {Client::Node, "GET", "/apis?offset=0&limit=100&group_id=71c22de540a74316813533231d6ac131", 'j', "052838",
     "492e9f09fefe5003b2b8cda407d873a8d47a90c67b65e9d2c76764812284c3e7", "", 200, kApis, ""},
    {Client::Node, "GET", "/envs?offset=0&limit=20", 'j', "052839",
     "285ce9e90aa3d2a205d963411bde7d3caf66560cc74ab7e40c41750591608c1a", "", 200, kEnvironments, ""},
    {Client::Node, "POST", "/apis/publish?action=online", 'j', "052839",
     "182d5d697a754cfd36fafe76ed2d2b32b4c054d11370dce96573f1ccf8c5d022",
     R"({"apis":["c1b2e2368e96497c816544663c801e0f","fb7222c76113455b9e2fb78cae3cd436","0c6d052eafc84cb88df44b82b7bb171b"],"env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID"})",
     200, kBatch, ""},
    {Client::Node, "POST", "/openapi/async-export", 'j', "052839",
     "bcc3eda580bcc594d8924ee36dc2c18707818af2d647e7ac3788d1b20e7cc7ba",
     R"({"env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID","group_id":"71c22de540a74316813533231d6ac131","define":"all","type":"json"})",
     202, kTaskId, "task dfe4a9a2ab1240e887ac3658fa14d2da"},
    {Client::Node, "GET", "/async-tasks/dfe4a9a2ab1240e887ac3658fa14d2da", 'j', "052839",
     "03de73c2409318c183823e6bae3b93840b62ac9ec01485fb8ba0b803acdbd760", "", 200, kExportTask, ""},
    {Client::Node, "GET", "/async-tasks/dfe4a9a2ab1240e887ac3658fa14d2da", 'j', "052839",
     "03de73c2409318c183823e6bae3b93840b62ac9ec01485fb8ba0b803acdbd760", "", 200, kExportTask, ""},
    {Client::Node, "GET", "/async-tasks/dfe4a9a2ab1240e887ac3658fa14d2da", 'j', "052839",
     "03de73c2409318c183823e6bae3b93840b62ac9ec01485fb8ba0b803acdbd760", "", 200, kExportTask, ""},
    {Client::Node, "POST", "/apis/publish?action=offline", 'j', "052839",
     "d89692791e7ed9def1b506c35b3119b107d83a91eb5396aa76434ba6aa9d73a3",
     R"({"apis":["c1b2e2368e96497c816544663c801e0f","fb7222c76113455b9e2fb78cae3cd436","0c6d052eafc84cb88df44b82b7bb171b"],"env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID"})",
     200, kBatch, ""},
    {Client::Node, "DELETE", "/apis/c1b2e2368e96497c816544663c801e0f", 'j', "052839",
     "e5f2573821563a5ba16363ff6dabda3e195bd934a9b0cf2e3fee3cf781812d91", "", 204, kNothing, ""},
    {Client::Node, "DELETE", "/apis/fb7222c76113455b9e2fb78cae3cd436", 'j', "052839",
     "6345109ac8a3907559c184bdb84ee82323098cf6c4eab87db7bc77eb0c287586", "", 204, kNothing, ""},
    {Client::Node, "DELETE", "/apis/0c6d052eafc84cb88df44b82b7bb171b", 'j', "052839",
     "2efc8bff5b1613efd9c7161b16e96ef4aa00838818142ac5dad5b51d888bd7bd", "", 204, kNothing, ""},
    {Client::Node, "DELETE", "/api-groups/71c22de540a74316813533231d6ac131", 'j', "052839",
     "84a4655da59c0c523ed996ca5ea04f3636f7111c3636b49cc56527646eb6e388", "", 204, kNothing, ""},
    {Client::Temporary, "POST", "/api-groups", 'u', "051824",
     "12a06b08f402a4ae873e5ed0740aad9e93eaab733af2365166541faa7aa1a703",
     R"({"name": "sdk_driver_324704", "remark": "made by the official SDK"})", 201, kGroup,
     "group 571d75406a3a4757933006a69f93c854"},
    {Client::Temporary, "GET", "/api-groups?limit=20&name=sdk_driver_324704&offset=0&precise_search=name", 'j',
     "051824", "d1b816b8e629af132e91558405cf5421692f73711ca941cf1c12efdf2c2ad2af", "", 200, kGroups, ""},
    {Client::Temporary, "GET", "/api-groups/571d75406a3a4757933006a69f93c854", 'j', "051824",
     "6d3cd1ecda754530d1d939a79d66432ec23e30cbf516d85c9853a68102305160", "", 200, kGroup, ""},
    {Client::Temporary, "POST", "/openapi/async-import", 'm', "051824",
     "499c24e52a6f976f02ebda6fd7e849f7610e0b1aede7048d0b409c9eac1f9031",
     "599a9a94a15444e5a345f3e54df93194 plain is_create_group=false group_id=571d75406a3a4757933006a69f93c854 "
     "extend_mode=merge simple_mode=false mock_mode=false",
     202, kTaskId, "task 3270969a60624ea3898693047444a11c"},
    {Client::Temporary, "GET", "/async-tasks/3270969a60624ea3898693047444a11c", 'j', "051824",
     "ac42dd4a7250a4aee609fa50b1d75c42fed3c33b939c5e9b60383df1504b39fb", "", 200, kImportTask, ""},
    {Client::Token, "POST", "/api-groups", 'u', "051817",
     "ca9b70bb4ab53862625ba506523351f9832127efd871d9d6204e6cd22c08dfd9",
     R"({"name": "sdk_driver_324697", "remark": "made by the official SDK"})", 201, kGroup,
     "group 6b30b13ecc8d42ae82e216faf4b86860"},
    {Client::Token, "GET", "/api-groups?limit=20&name=sdk_driver_324697&offset=0&precise_search=name", 'j', "051817",
     "e1d11c5efe7a87ed344d022478252f93377fd325183210285b72b624f06f41c5", "", 200, kGroups, ""},
    {Client::Token, "GET", "/api-groups/6b30b13ecc8d42ae82e216faf4b86860", 'j', "051817",
     "926ed6b89f94a14466ab939da24cfc8e94f43d1cac802f55be4c30cdad2ea195", "", 200, kGroup, ""},
    {Client::Token, "POST", "/openapi/async-import", 'm', "051817",
     "42c2a639c42fc1cf0ac7414f4bebfd33453de9f1394710f1a266974f717e0b2c",
     "e256bd80a6f445f7b236544dc69f7494 plain is_create_group=false group_id=6b30b13ecc8d42ae82e216faf4b86860 "
     "extend_mode=merge simple_mode=false mock_mode=false",
     202, kTaskId, "task c193280dbb524aa3a1ae1ed4ef613266"},
    {Client::Token, "GET", "/async-tasks/c193280dbb524aa3a1ae1ed4ef613266", 'j', "051817",
     "1a71bd735f9d2d70c5c90c2754a8b09139ac8b9ab8e9bcc5de18be3987d62929", "", 200, kImportTask, ""},
    {Client::TokenOnly, "POST", "/api-groups", 'u', "", "",
     R"({"name": "sdk_driver_324700", "remark": "made by the official SDK"})", 201, kGroup,
     "group 59e0963d156b4b5d9491e5f3019fb1fb"},
    {Client::TokenOnly, "GET", "/api-groups?limit=20&name=sdk_driver_324700&offset=0&precise_search=name", 'j', "", "",
     "", 200, kGroups, ""},
    {Client::TokenOnly, "GET", "/api-groups/59e0963d156b4b5d9491e5f3019fb1fb", 'j', "", "", "", 200, kGroup, ""},
    {Client::TokenOnly, "POST", "/openapi/async-import", 'm', "", "",
     "fe8757c65600474092d42a34a5898d2d plain is_create_group=false group_id=59e0963d156b4b5d9491e5f3019fb1fb "
     "extend_mode=merge simple_mode=false mock_mode=false",
     202, kTaskId, "task 03cd45ff884d4102b860e0649cc74ae2"},
    {Client::TokenOnly, "GET", "/async-tasks/03cd45ff884d4102b860e0649cc74ae2", 'j', "", "", "", 200, kImportTask, ""},
};

}  // namespace sluice::gateway::test
