// Requests that the cloud's official clients (for Python and for Node.js) sent to a recorder: what they say and how
// they signed it, with keys that open nothing. Bodies of forms are left out: they are not signed.
#pragma once

#include <string_view>

namespace sluice::testing {

enum class Client { Python, Node };

/// `target` is below kRecordedBase where it has no version of its own. `extra` is one more header, "name: value".
struct RecordedRequest {
  Client client;
  std::string_view method;
  std::string_view target;
  std::string_view type;  ///< Content-Type
  std::string_view body;
  std::string_view host;
  std::string_view date;  ///< of X-Sdk-Date, as RFC 3339
  std::string_view extra;
  std::string_view signed_headers;
  std::string_view signature;
};

inline constexpr std::string_view kRecordedKey = "STUBAK0000000000AKID";
inline constexpr std::string_view kRecordedSecret = "stubsk00000000000000000000000000000000000";
inline constexpr std::string_view kRecordedProject = "0123456789abcdef0123456789abcdef";
inline constexpr std::string_view kRecordedBase =
    "/v2/0123456789abcdef0123456789abcdef/apigw/instances/fedcba9876543210fedcba9876543210";
inline constexpr std::string_view kPythonAgent =
    "huaweicloud-usdk-python/3.0; os/Linux##1_SMP_PREEMPT_DYNAMIC_@0#x86_64 python/3.11.2 impl/CPython; "
    "app/11aa8ce0-cac7-41b8-a029-9585ee648541";
inline constexpr std::string_view kNodeAgent =
    "huaweicloud-usdk-nodejs/3.0; os/linux#6.18.44-fc-v595#x64 nodejs/v20.20.2 meta/C; "
    "app/11aa8ce0-cac7-41b8-a029-9585ee648541";

inline constexpr std::string_view kSigned0 = "content-type;host;user-agent;workspace;x-project-id;x-sdk-date";
inline constexpr std::string_view kSigned1 =
    "content-type;host;user-agent;x-auth-token;x-project-id;x-sdk-content-sha256;x-sdk-date";
inline constexpr std::string_view kSigned2 = "content-type;host;user-agent;x-auth-token;x-project-id;x-sdk-date";
inline constexpr std::string_view kSigned3 =
    "content-type;host;user-agent;x-project-id;x-sdk-content-sha256;x-sdk-date";
inline constexpr std::string_view kSigned4 =
    "content-type;host;user-agent;x-project-id;x-sdk-content-sha256;x-sdk-date;x-security-token";
inline constexpr std::string_view kSigned5 = "content-type;host;user-agent;x-project-id;x-sdk-date";
inline constexpr std::string_view kSigned6 = "content-type;host;user-agent;x-project-id;x-sdk-date;x-security-token";
inline constexpr std::string_view kSigned7 = "content-type;host;x-project-id;x-sdk-date";
inline constexpr std::string_view kSigned8 = "host;x-project-id;x-sdk-content-sha256;x-sdk-date";

inline constexpr RecordedRequest kRecorded[] = {
    {Client::Python, "POST", "/api-groups", "application/json;charset=utf-8",
     R"({"name": "sdk_driver_324661", "remark": "made by the official SDK"})", "127.0.0.1:18080",
     "2026-11-22T05:17:41Z", "", kSigned5, "8847aa40fc1b26061e9cd21bfb87ea9af714a7d86df1c40a6c562a970535d1b4"},
    {Client::Python, "GET", "/api-groups?limit=20&name=sdk_driver_324661&offset=0&precise_search=name",
     "application/json", "", "127.0.0.1:18080", "2026-11-22T05:17:41Z", "", kSigned5,
     "316888a0c9b82c4388936ff5a73c62a6c68995a15e4862cee426335d3b41b02a"},
    {Client::Python, "GET", "/api-groups/d97bccc65fc949a4a989f4236b6e5ee6", "application/json", "", "127.0.0.1:18080",
     "2026-11-22T05:17:41Z", "", kSigned5, "5a2061b3c707e48de6bca6611384803ceac9fb19b8f9fe4215a66e6ddcbfe238"},
    {Client::Python, "POST", "/openapi/async-import", "multipart/form-data; boundary=5d0fbfc5f9094d49bb181b449ad0fdf2",
     "", "127.0.0.1:18080", "2026-11-22T05:17:41Z", "", kSigned3,
     "f1c939fa0ddce6df441df1f01eab2e4fdb75f95ce2b70d5222fa77e16a2036a4"},
    {Client::Python, "GET", "/async-tasks/d75e5c47c33d4f05b546eeebe550446f", "application/json", "", "127.0.0.1:18080",
     "2026-11-22T05:17:41Z", "", kSigned5, "9dfca2d4f1ec20b61fd69582b75a0df985794b412235586feed867f7dbe9f374"},
    {Client::Python, "GET", "/apis?group_id=d97bccc65fc949a4a989f4236b6e5ee6&limit=100&offset=0", "application/json",
     "", "127.0.0.1:18080", "2026-11-22T05:17:41Z", "", kSigned5,
     "5af35a4a9f4cd71751efa0eb5329e5f136aec7bf7bb14d17e3bf9492fd6e82ea"},
    {Client::Python, "GET", "/envs?limit=20&offset=0", "application/json", "", "127.0.0.1:18080",
     "2026-11-22T05:17:41Z", "", kSigned5, "a4c0779df0ec77003f119c77d388b74732cba15eafb22a584aac6bd47bf877ba"},
    {Client::Python, "POST", "/apis/action", "application/json;charset=utf-8",
     R"({"action": "online", "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "api_id": "12866302d5b94c6fad9dfbb82011f1b4", "remark": "driver"})",
     "127.0.0.1:18080", "2026-11-22T05:17:42Z", "", kSigned5,
     "66166103c39352a284a0759172a68cc856d4df58fe7667b711b6560df57747e9"},
    {Client::Python, "POST", "/apis/publish?action=online", "application/json;charset=utf-8",
     R"({"apis": ["12866302d5b94c6fad9dfbb82011f1b4", "e901145c08ce4fb98721c6982411fada", "a7c2206539f5469da83a4e88a8cbffbc"], "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "remark": "driver"})",
     "127.0.0.1:18080", "2026-11-22T05:17:42Z", "", kSigned5,
     "0be857c90d95d0094191a4d0ce890a04bb46507c9dbb01116e9108e01b836520"},
    {Client::Python, "POST", "/openapi/async-export", "application/json;charset=utf-8",
     R"({"env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "group_id": "d97bccc65fc949a4a989f4236b6e5ee6", "define": "all", "type": "json", "version": "driver-1"})",
     "127.0.0.1:18080", "2026-11-22T05:17:42Z", "", kSigned5,
     "9b461bd2d9f7529d728b03aecb605b57fc5c9fc22ddfb242b2e70ab4dd280ff7"},
    {Client::Python, "GET", "/async-tasks/dd11d0f4645e4771b7e9aa9e0d2206f0", "application/json", "", "127.0.0.1:18080",
     "2026-11-22T05:17:42Z", "", kSigned5, "bff13f58117e40b77a8ae0cbd0414c53068381b40246bcb2ee655340c6920150"},
    {Client::Python, "POST", "/openapi/import", "multipart/form-data; boundary=25a7312c8a7946f09be8dd5d831dd93d", "",
     "127.0.0.1:18080", "2026-11-22T05:17:42Z", "", kSigned3,
     "f0833eb6981ded83fed55afa2f3c4bdb336b28c6c3a08d14d01444a5c1aab147"},
    {Client::Python, "POST", "/openapi/export?oas_version=3.0", "application/json;charset=utf-8",
     R"({"env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "group_id": "d97bccc65fc949a4a989f4236b6e5ee6", "define": "base", "type": "yaml", "apis": ["12866302d5b94c6fad9dfbb82011f1b4", "e901145c08ce4fb98721c6982411fada"]})",
     "127.0.0.1:18080", "2026-11-22T05:17:42Z", "", kSigned5,
     "158d74db8b4ecd598356f466a566d3bac6fb19329b7ad5838a16efce0e831866"},
    {Client::Python, "POST", "/openapi/async-export?oas_version=3.0", "application/json;charset=utf-8",
     R"({"env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "group_id": "d97bccc65fc949a4a989f4236b6e5ee6", "define": "full", "type": "yaml", "version": "driver-2"})",
     "127.0.0.1:18080", "2026-11-22T05:17:42Z", "", kSigned5,
     "e05c29a618f82f5e30bee5fd189916d48502f2a8d608b0c677d3e6cd28b2252c"},
    {Client::Python, "GET",
     "/apis?env_id=DEFAULT_ENVIRONMENT_RELEASE_ID&limit=500&name=API_x&offset=0&precise_search=name%2Creq_uri&req_uri=%"
     "2Fv1%2F%E5%90%8D%20%E5%AD%97%3F%26%3D%2F%7Bid%7D&type=1",
     "application/json", "", "127.0.0.1:18080", "2026-11-22T05:17:42Z", "", kSigned5,
     "61d1c5823269c89cb61f91af6ab1604e4b764feddff4b9b225b91cd8245d1989"},
    {Client::Python, "GET", "/async-tasks/00000000000000000000000000000000", "application/json", "", "127.0.0.1:18080",
     "2026-11-22T05:17:42Z", "", kSigned5, "c331ab246614bd5b1766c61585f811a0edf89687c1bd7672bb07ac437dd8f086"},
    {Client::Python, "POST", "/api-groups", "application/json;charset=utf-8", R"({"name": "sdk_driver_324661"})",
     "127.0.0.1:18080", "2026-11-22T05:17:42Z", "", kSigned5,
     "6c64755d0fadac39693f40b44f6194884d6fe67c65824192de81c03686ea2767"},
    {Client::Python, "GET", "/v1/0123456789abcdef0123456789abcdef/system-tasks/008aae2e675d933301677a5fbd8b1ac8",
     "application/json", "", "127.0.0.1:18080", "2026-11-22T05:17:43Z", "workspace: 0b6a2d8f6b7c4f2a9b1c2d3e4f5a6b7c",
     kSigned0, "0e20c68e92dfb939e16f63ff49df1dd67268df9ecb17b2c09bca05445fb53dec"},
    {Client::Python, "GET", "/v1/0123456789abcdef0123456789abcdef/system-tasks/008aae2e675d933301677a5fbd8b1ac8",
     "application/json", "", "127.0.0.1:18080", "2026-11-22T05:17:43Z", "", kSigned5,
     "bbd567ce1f71b6de997c507f1bfe290a79a221d3e291837735961f6b9e3746ff"},
    {Client::Python, "POST", "/apis/action", "application/json;charset=utf-8",
     R"({"action": "offline", "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "api_id": "12866302d5b94c6fad9dfbb82011f1b4"})",
     "127.0.0.1:18080", "2026-11-22T05:17:43Z", "", kSigned5,
     "f7d4197eb901be2e962fcb8d5e6b9485088657668e37f52837dd42b4e82625f1"},
    {Client::Python, "POST", "/apis/publish?action=offline", "application/json;charset=utf-8",
     R"({"apis": ["12866302d5b94c6fad9dfbb82011f1b4", "e901145c08ce4fb98721c6982411fada", "a7c2206539f5469da83a4e88a8cbffbc"], "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID"})",
     "127.0.0.1:18080", "2026-11-22T05:17:43Z", "", kSigned5,
     "4c01b95854ced4a6023f8ab0c38b43ff7a3584ddae43ffc6437acb5aa8018a71"},
    {Client::Python, "GET", "/apis?group_id=d97bccc65fc949a4a989f4236b6e5ee6&limit=100&offset=0", "application/json",
     "", "127.0.0.1:18080", "2026-11-22T05:17:43Z", "", kSigned5,
     "778efb537062f40a411dff31f2ffb1668fbebd4c136da001978d44a68260a5c6"},
    {Client::Python, "DELETE", "/apis/12866302d5b94c6fad9dfbb82011f1b4", "application/json", "", "127.0.0.1:18080",
     "2026-11-22T05:17:43Z", "", kSigned5, "aaa64089f1a1e1ac5b7795025345631cb8ae3f9d819f61c7d09da5183d03e6a2"},
    {Client::Python, "DELETE", "/apis/e901145c08ce4fb98721c6982411fada", "application/json", "", "127.0.0.1:18080",
     "2026-11-22T05:17:43Z", "", kSigned5, "9449322a5d74881299567139095765ac45bc5cc66b2e83e2254e0c952a1f514c"},
    {Client::Python, "DELETE", "/apis/a7c2206539f5469da83a4e88a8cbffbc", "application/json", "", "127.0.0.1:18080",
     "2026-11-22T05:17:43Z", "", kSigned5, "b64aca32ea38a2f054f3fb44e8330da5819b8e0be6a85c508668407c45964465"},
    {Client::Python, "DELETE", "/api-groups/d97bccc65fc949a4a989f4236b6e5ee6", "application/json", "",
     "127.0.0.1:18080", "2026-11-22T05:17:43Z", "", kSigned5,
     "26ac2022ba673f6730558a93cf7c5cd8d26155dee898a022bfc46a55886ea8a5"},
    {Client::Python, "POST", "/api-groups", "application/json;charset=utf-8",
     R"({"name": "sdk_driver_324704", "remark": "made by the official SDK"})", "127.0.0.1:18081",
     "2026-11-22T05:18:24Z", "x-security-token: StubSecurityToken", kSigned6,
     "12a06b08f402a4ae873e5ed0740aad9e93eaab733af2365166541faa7aa1a703"},
    {Client::Python, "GET", "/api-groups?limit=20&name=sdk_driver_324704&offset=0&precise_search=name",
     "application/json", "", "127.0.0.1:18081", "2026-11-22T05:18:24Z", "x-security-token: StubSecurityToken", kSigned6,
     "d1b816b8e629af132e91558405cf5421692f73711ca941cf1c12efdf2c2ad2af"},
    {Client::Python, "GET", "/api-groups/571d75406a3a4757933006a69f93c854", "application/json", "", "127.0.0.1:18081",
     "2026-11-22T05:18:24Z", "x-security-token: StubSecurityToken", kSigned6,
     "6d3cd1ecda754530d1d939a79d66432ec23e30cbf516d85c9853a68102305160"},
    {Client::Python, "POST", "/openapi/async-import", "multipart/form-data; boundary=599a9a94a15444e5a345f3e54df93194",
     "", "127.0.0.1:18081", "2026-11-22T05:18:24Z", "x-security-token: StubSecurityToken", kSigned4,
     "499c24e52a6f976f02ebda6fd7e849f7610e0b1aede7048d0b409c9eac1f9031"},
    {Client::Python, "GET", "/async-tasks/3270969a60624ea3898693047444a11c", "application/json", "", "127.0.0.1:18081",
     "2026-11-22T05:18:24Z", "x-security-token: StubSecurityToken", kSigned6,
     "ac42dd4a7250a4aee609fa50b1d75c42fed3c33b939c5e9b60383df1504b39fb"},
    {Client::Python, "GET", "/apis?group_id=571d75406a3a4757933006a69f93c854&limit=100&offset=0", "application/json",
     "", "127.0.0.1:18081", "2026-11-22T05:18:24Z", "x-security-token: StubSecurityToken", kSigned6,
     "8ef0e065dcf343f778bae58d87ae84c3252b8ea37354dca92f2812e6d36d6548"},
    {Client::Python, "GET", "/envs?limit=20&offset=0", "application/json", "", "127.0.0.1:18081",
     "2026-11-22T05:18:24Z", "x-security-token: StubSecurityToken", kSigned6,
     "8d47a66f3aff7fa8c8d78800b7ecf6ccd3dffe6662dd665d1542b14234456443"},
    {Client::Python, "POST", "/apis/action", "application/json;charset=utf-8",
     R"({"action": "online", "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "api_id": "ae1f596334b84a47abebd173f4c8caa9", "remark": "driver"})",
     "127.0.0.1:18081", "2026-11-22T05:18:24Z", "x-security-token: StubSecurityToken", kSigned6,
     "34686e2558ed0ce7d1b547853c751e6bf0a20231a6cfa2aa8af04b2c40f71359"},
    {Client::Python, "POST", "/apis/publish?action=online", "application/json;charset=utf-8",
     R"({"apis": ["ae1f596334b84a47abebd173f4c8caa9", "50dc3d54a5254b3fb7b0cc5944985ff6", "db36d2732333408cbdfa34b7d03a0968"], "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "remark": "driver"})",
     "127.0.0.1:18081", "2026-11-22T05:18:24Z", "x-security-token: StubSecurityToken", kSigned6,
     "38d0d70e7e6284d13ad8f729bd35b4709dc812ec9e492dac2e26c0b0d3c6796d"},
    {Client::Python, "POST", "/openapi/async-export", "application/json;charset=utf-8",
     R"({"env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "group_id": "571d75406a3a4757933006a69f93c854", "define": "all", "type": "json", "version": "driver-1"})",
     "127.0.0.1:18081", "2026-11-22T05:18:24Z", "x-security-token: StubSecurityToken", kSigned6,
     "c8724ca4eaea01be4c45931e6447a51cb95de28cda695aeb2208e13e790162f6"},
    {Client::Python, "GET", "/async-tasks/de30207e65c94113bf518d5daf7ef28e", "application/json", "", "127.0.0.1:18081",
     "2026-11-22T05:18:24Z", "x-security-token: StubSecurityToken", kSigned6,
     "430c8fa540e98487bc3de2238e6b5fd4814c18e80d3b9f18a5a7b46c3d1b451b"},
    {Client::Python, "GET", "/async-tasks/de30207e65c94113bf518d5daf7ef28e", "application/json", "", "127.0.0.1:18081",
     "2026-11-22T05:18:25Z", "x-security-token: StubSecurityToken", kSigned6,
     "48867291543e6bc8f56f053e6043c51de67191115f7bd401d0b011989655b6bd"},
    {Client::Python, "POST", "/apis/action", "application/json;charset=utf-8",
     R"({"action": "offline", "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "api_id": "ae1f596334b84a47abebd173f4c8caa9"})",
     "127.0.0.1:18081", "2026-11-22T05:18:25Z", "x-security-token: StubSecurityToken", kSigned6,
     "7b033dfe1c0fa22a71ca8717cbe4e17031ce462d7d0f2a648b29a75420afcfb1"},
    {Client::Python, "POST", "/apis/publish?action=offline", "application/json;charset=utf-8",
     R"({"apis": ["ae1f596334b84a47abebd173f4c8caa9", "50dc3d54a5254b3fb7b0cc5944985ff6", "db36d2732333408cbdfa34b7d03a0968"], "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID"})",
     "127.0.0.1:18081", "2026-11-22T05:18:25Z", "x-security-token: StubSecurityToken", kSigned6,
     "fcbc9d4421f9644685a281ca95c82341601a4659ce8e6b83bb58366cd878477b"},
    {Client::Python, "DELETE", "/apis/ae1f596334b84a47abebd173f4c8caa9", "application/json", "", "127.0.0.1:18081",
     "2026-11-22T05:18:25Z", "x-security-token: StubSecurityToken", kSigned6,
     "9900d2fde009b16f3569e1a6572c8f4a919dea183612b8939bcc5187320b39e8"},
    {Client::Python, "DELETE", "/apis/50dc3d54a5254b3fb7b0cc5944985ff6", "application/json", "", "127.0.0.1:18081",
     "2026-11-22T05:18:25Z", "x-security-token: StubSecurityToken", kSigned6,
     "9b189b01d3f142f47d9c8349bfb551eef646847ca3bb15fac13009ffc9befbef"},
    {Client::Python, "DELETE", "/apis/db36d2732333408cbdfa34b7d03a0968", "application/json", "", "127.0.0.1:18081",
     "2026-11-22T05:18:25Z", "x-security-token: StubSecurityToken", kSigned6,
     "c7ae29f4c40d0cd46b6922872bff3eaf8eb112dadd4d5a13c193b4088ac79212"},
    {Client::Python, "DELETE", "/api-groups/571d75406a3a4757933006a69f93c854", "application/json", "",
     "127.0.0.1:18081", "2026-11-22T05:18:25Z", "x-security-token: StubSecurityToken", kSigned6,
     "e799d82e71754ef2055d06da98889bc7d5c66701b1ef2c73ec41c92c37d11787"},
    {Client::Python, "POST", "/api-groups", "application/json;charset=utf-8",
     R"({"name": "sdk_driver_324697", "remark": "made by the official SDK"})", "127.0.0.1:18081",
     "2026-11-22T05:18:17Z", "x-auth-token: MIIStubToken", kSigned2,
     "ca9b70bb4ab53862625ba506523351f9832127efd871d9d6204e6cd22c08dfd9"},
    {Client::Python, "GET", "/api-groups?limit=20&name=sdk_driver_324697&offset=0&precise_search=name",
     "application/json", "", "127.0.0.1:18081", "2026-11-22T05:18:17Z", "x-auth-token: MIIStubToken", kSigned2,
     "e1d11c5efe7a87ed344d022478252f93377fd325183210285b72b624f06f41c5"},
    {Client::Python, "GET", "/api-groups/6b30b13ecc8d42ae82e216faf4b86860", "application/json", "", "127.0.0.1:18081",
     "2026-11-22T05:18:17Z", "x-auth-token: MIIStubToken", kSigned2,
     "926ed6b89f94a14466ab939da24cfc8e94f43d1cac802f55be4c30cdad2ea195"},
    {Client::Python, "POST", "/openapi/async-import", "multipart/form-data; boundary=e256bd80a6f445f7b236544dc69f7494",
     "", "127.0.0.1:18081", "2026-11-22T05:18:17Z", "x-auth-token: MIIStubToken", kSigned1,
     "42c2a639c42fc1cf0ac7414f4bebfd33453de9f1394710f1a266974f717e0b2c"},
    {Client::Python, "GET", "/async-tasks/c193280dbb524aa3a1ae1ed4ef613266", "application/json", "", "127.0.0.1:18081",
     "2026-11-22T05:18:17Z", "x-auth-token: MIIStubToken", kSigned2,
     "1a71bd735f9d2d70c5c90c2754a8b09139ac8b9ab8e9bcc5de18be3987d62929"},
    {Client::Python, "GET", "/apis?group_id=6b30b13ecc8d42ae82e216faf4b86860&limit=100&offset=0", "application/json",
     "", "127.0.0.1:18081", "2026-11-22T05:18:17Z", "x-auth-token: MIIStubToken", kSigned2,
     "7051f2db88f1b35e850cfc255f54800c51983cbbec04ffcd84274695841e422f"},
    {Client::Python, "GET", "/envs?limit=20&offset=0", "application/json", "", "127.0.0.1:18081",
     "2026-11-22T05:18:18Z", "x-auth-token: MIIStubToken", kSigned2,
     "0f7a3f1a7bdc4ffa8fb128b7e8052f357d900d93830dd12414702107e86029cb"},
    {Client::Python, "POST", "/apis/action", "application/json;charset=utf-8",
     R"({"action": "online", "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "api_id": "647a700e446e49bfbdefcffb26d313b4", "remark": "driver"})",
     "127.0.0.1:18081", "2026-11-22T05:18:18Z", "x-auth-token: MIIStubToken", kSigned2,
     "6a80e4a61bef9b61084b03f99dbd58cce4e36326554ee937c6e68e86b5236a68"},
    {Client::Python, "POST", "/apis/publish?action=online", "application/json;charset=utf-8",
     R"({"apis": ["647a700e446e49bfbdefcffb26d313b4", "688c4f40f63845a9bd50a8fa60260e32", "e2cfa0d1368b42caa7f7db72dc6a9eae"], "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "remark": "driver"})",
     "127.0.0.1:18081", "2026-11-22T05:18:18Z", "x-auth-token: MIIStubToken", kSigned2,
     "042b6267e65b4cedfc5ee086fb94730652ceddc6173e71488d468b3abbdfab01"},
    {Client::Python, "POST", "/openapi/async-export", "application/json;charset=utf-8",
     R"({"env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "group_id": "6b30b13ecc8d42ae82e216faf4b86860", "define": "all", "type": "json", "version": "driver-1"})",
     "127.0.0.1:18081", "2026-11-22T05:18:18Z", "x-auth-token: MIIStubToken", kSigned2,
     "e48f95a05970b2c3419a3067ad2831f1168d254b91d2099178dc83f283d315fb"},
    {Client::Python, "GET", "/async-tasks/1b4767c7b1424970b7f63740f769763c", "application/json", "", "127.0.0.1:18081",
     "2026-11-22T05:18:18Z", "x-auth-token: MIIStubToken", kSigned2,
     "6bd5a56f735201b8917b7601603069eac002101f1772af8f6259a28db72bc330"},
    {Client::Python, "POST", "/apis/action", "application/json;charset=utf-8",
     R"({"action": "offline", "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "api_id": "647a700e446e49bfbdefcffb26d313b4"})",
     "127.0.0.1:18081", "2026-11-22T05:18:18Z", "x-auth-token: MIIStubToken", kSigned2,
     "0f7cfebb07497ba567d61f1c40c3a5b01b43a5c7d12ce5df31ef30346842ae5e"},
    {Client::Python, "POST", "/apis/publish?action=offline", "application/json;charset=utf-8",
     R"({"apis": ["647a700e446e49bfbdefcffb26d313b4", "688c4f40f63845a9bd50a8fa60260e32", "e2cfa0d1368b42caa7f7db72dc6a9eae"], "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID"})",
     "127.0.0.1:18081", "2026-11-22T05:18:18Z", "x-auth-token: MIIStubToken", kSigned2,
     "59c8cf190a322f4231ff80b5b3831a42e7c94324cdb6eec1d051730c77e187b9"},
    {Client::Python, "DELETE", "/apis/647a700e446e49bfbdefcffb26d313b4", "application/json", "", "127.0.0.1:18081",
     "2026-11-22T05:18:18Z", "x-auth-token: MIIStubToken", kSigned2,
     "2c1f3c4d2c3c38ce95d2dd956eb8853d3648cf44bce6de5e4b3d45f6065594ab"},
    {Client::Python, "DELETE", "/apis/688c4f40f63845a9bd50a8fa60260e32", "application/json", "", "127.0.0.1:18081",
     "2026-11-22T05:18:18Z", "x-auth-token: MIIStubToken", kSigned2,
     "89ecbaccc44eff257b0c37c11311dc74019c9d6c03d7110a44c38b8bb50d7005"},
    {Client::Python, "DELETE", "/apis/e2cfa0d1368b42caa7f7db72dc6a9eae", "application/json", "", "127.0.0.1:18081",
     "2026-11-22T05:18:18Z", "x-auth-token: MIIStubToken", kSigned2,
     "23e75174fdd75150914fae95ade42a07afd56094f1c8a72d53396b3d9ee7cbf6"},
    {Client::Python, "DELETE", "/api-groups/6b30b13ecc8d42ae82e216faf4b86860", "application/json", "",
     "127.0.0.1:18081", "2026-11-22T05:18:18Z", "x-auth-token: MIIStubToken", kSigned2,
     "c184c019d22928dce7705ca825eca4533a400f9a42c908f07bf67d23c334228c"},
    {Client::Node, "POST", "/api-groups", "application/json", R"({"name":"node_driver_318401","remark":"node sdk"})",
     "127.0.0.1:18082", "2026-11-22T05:28:38Z", "", kSigned7,
     "6da8d851ce192db289a56be019cfcb8a250c3c6a8d06a1636982b3bf4ae62b0c"},
    {Client::Node, "POST", "/openapi/async-import",
     "multipart/form-data; boundary=--------------------------1ac122f89bb91f331c033518", "", "127.0.0.1:18082",
     "2026-11-22T05:28:38Z", "", kSigned8, "5fc347d486318efdc7d360f69d3ea7d32a5810343c50d65e5e7ea5acb015aacb"},
    {Client::Node, "GET", "/async-tasks/6dc7cce1f62f42d692e765a522c604b5", "application/json", "", "127.0.0.1:18082",
     "2026-11-22T05:28:38Z", "", kSigned7, "616e73f9d87563d8f3b96dcc501bff234d09db0aa3f991267815b8b3142f8406"},
    {Client::Node, "GET", "/apis?offset=0&limit=100&group_id=71c22de540a74316813533231d6ac131", "application/json", "",
     "127.0.0.1:18082", "2026-11-22T05:28:38Z", "", kSigned7,
     "492e9f09fefe5003b2b8cda407d873a8d47a90c67b65e9d2c76764812284c3e7"},
    {Client::Node, "GET", "/envs?offset=0&limit=20", "application/json", "", "127.0.0.1:18082", "2026-11-22T05:28:39Z",
     "", kSigned7, "285ce9e90aa3d2a205d963411bde7d3caf66560cc74ab7e40c41750591608c1a"},
    {Client::Node, "POST", "/apis/publish?action=online", "application/json",
     R"({"apis":["c1b2e2368e96497c816544663c801e0f","fb7222c76113455b9e2fb78cae3cd436","0c6d052eafc84cb88df44b82b7bb171b"],"env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID"})",
     "127.0.0.1:18082", "2026-11-22T05:28:39Z", "", kSigned7,
     "182d5d697a754cfd36fafe76ed2d2b32b4c054d11370dce96573f1ccf8c5d022"},
    {Client::Node, "POST", "/openapi/async-export", "application/json",
     R"({"env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID","group_id":"71c22de540a74316813533231d6ac131","define":"all","type":"json"})",
     "127.0.0.1:18082", "2026-11-22T05:28:39Z", "", kSigned7,
     "bcc3eda580bcc594d8924ee36dc2c18707818af2d647e7ac3788d1b20e7cc7ba"},
    {Client::Node, "GET", "/async-tasks/dfe4a9a2ab1240e887ac3658fa14d2da", "application/json", "", "127.0.0.1:18082",
     "2026-11-22T05:28:39Z", "", kSigned7, "03de73c2409318c183823e6bae3b93840b62ac9ec01485fb8ba0b803acdbd760"},
    {Client::Node, "POST", "/apis/publish?action=offline", "application/json",
     R"({"apis":["c1b2e2368e96497c816544663c801e0f","fb7222c76113455b9e2fb78cae3cd436","0c6d052eafc84cb88df44b82b7bb171b"],"env_id":"DEFAULT_ENVIRONMENT_RELEASE_ID"})",
     "127.0.0.1:18082", "2026-11-22T05:28:39Z", "", kSigned7,
     "d89692791e7ed9def1b506c35b3119b107d83a91eb5396aa76434ba6aa9d73a3"},
    {Client::Node, "DELETE", "/apis/c1b2e2368e96497c816544663c801e0f", "application/json", "", "127.0.0.1:18082",
     "2026-11-22T05:28:39Z", "", kSigned7, "e5f2573821563a5ba16363ff6dabda3e195bd934a9b0cf2e3fee3cf781812d91"},
    {Client::Node, "DELETE", "/apis/fb7222c76113455b9e2fb78cae3cd436", "application/json", "", "127.0.0.1:18082",
     "2026-11-22T05:28:39Z", "", kSigned7, "6345109ac8a3907559c184bdb84ee82323098cf6c4eab87db7bc77eb0c287586"},
    {Client::Node, "DELETE", "/apis/0c6d052eafc84cb88df44b82b7bb171b", "application/json", "", "127.0.0.1:18082",
     "2026-11-22T05:28:39Z", "", kSigned7, "2efc8bff5b1613efd9c7161b16e96ef4aa00838818142ac5dad5b51d888bd7bd"},
    {Client::Node, "DELETE", "/api-groups/71c22de540a74316813533231d6ac131", "application/json", "", "127.0.0.1:18082",
     "2026-11-22T05:28:39Z", "", kSigned7, "84a4655da59c0c523ed996ca5ea04f3636f7111c3636b49cc56527646eb6e388"},
};

/// The parts of a recorded form in their order: "name=value", and of files "name; file TYPE" with the type where one is
/// given. Each part has a Content-Disposition of `form-data; name="…"`, files with a `filename="…"` too.
struct RecordedForm {
  Client client;
  std::string_view target;
  std::string_view parts;  ///< one a line
};

inline constexpr RecordedForm kRecordedForms[] = {
    {Client::Python, "/openapi/async-import",
     "is_create_group=false\ngroup_id=ID\nextend_mode=merge\nsimple_mode=false\nmock_mode=false\nfile_name; file\n"},
    {Client::Python, "/openapi/import",
     "is_create_group=false\ngroup_id=ID\nextend_mode=override\nsimple_mode=true\nmock_mode=true\n"
     "api_mode=override\nfile_name; file application/json\n"},
    {Client::Node, "/openapi/async-import",
     "is_create_group=false\ngroup_id=ID\nextend_mode=merge\nsimple_mode=false\nmock_mode=false\n"
     "file_name; file application/json\n"},
};

}  // namespace sluice::testing
