#!/usr/bin/env python3
"""An API Gateway V2 client of its own, from the service's documents: it signs, imports, publishes, exports, binds and
deletes, and checks every documented member, status and code of the answers.

    reference_client.py HOST:PORT USER PASSWORD DOMAIN PROJECT ACCESS_KEY SECRET_KEY

Prints each disagreement and exits with 1 if there is any."""
import datetime
import hashlib
import hmac
import http.client
import json
import re
import sys
import time
import urllib.parse

import yaml

HOST, USER, PASSWORD, DOMAIN, PROJECT, AK, SK = sys.argv[1:8]
RELEASE = "DEFAULT_ENVIRONMENT_RELEASE_ID"
wrong = []


def check(what, is_so, seen=""):
    if not is_so:
        wrong.append(f"{what}: {str(seen)[:300]}")


def send(method, path, headers, body=b""):
    connection = http.client.HTTPConnection(HOST, timeout=20)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    return answer.status, dict(answer.getheaders()), data


def quote(text):
    return urllib.parse.quote(text, safe="-_.~")


def signed(method, path, query, headers, body):
    """The headers with a signature as SDK-HMAC-SHA256 has it."""
    headers = dict(headers, Host=HOST)
    headers["X-Sdk-Date"] = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    payload = hashlib.sha256(body).hexdigest()
    if not headers.get("Content-Type", "application/json").startswith("application/json"):
        headers["X-Sdk-Content-Sha256"] = payload = "UNSIGNED-PAYLOAD"
    names = sorted(name.lower() for name in headers)
    lower = {name.lower(): value.strip() for name, value in headers.items()}
    canonical = "\n".join([
        method, "/".join(quote(part) for part in path.split("/")).rstrip("/") + "/",
        "&".join(f"{quote(k)}={quote(v)}" for k, v in sorted(query)),
        "".join(f"{name}:{lower[name]}\n" for name in names), ";".join(names), payload])
    text = "\n".join(["SDK-HMAC-SHA256", headers["X-Sdk-Date"], hashlib.sha256(canonical.encode()).hexdigest()])
    signature = hmac.new(SK.encode(), text.encode(), hashlib.sha256).hexdigest()
    headers["Authorization"] = f"SDK-HMAC-SHA256 Access={AK}, SignedHeaders={';'.join(names)}, Signature={signature}"
    return headers


class Api:
    def __init__(self, project, token=None):
        self.project, self.token = project, token
        self.base = f"/v2/{project}/apigw/instances/ref"

    def call(self, method, path, body=None, query=(), status=None, code=None, form=None):
        headers = {"Content-Type": "application/json"}
        data = b"" if body is None else json.dumps(body).encode()
        if form is not None:
            headers["Content-Type"] = "multipart/form-data; boundary=9d2c8b4f"
            data = b"".join(b"--9d2c8b4f\r\nContent-Disposition: form-data; name=\"%s\"%s\r\n\r\n%s\r\n" %
                            (name.encode(), more, value) for name, more, value in form) + b"--9d2c8b4f--\r\n"
        full = self.base + path
        if self.token:
            headers["X-Auth-Token"] = self.token
        else:
            headers = signed(method, full, list(query), dict(headers, **{"X-Project-Id": self.project}), data)
        target = full + ("?" + urllib.parse.urlencode(query, quote_via=urllib.parse.quote) if query else "")
        got, _, text = send(method, target, headers, data)
        what = f"{method} {path}"
        answer = None
        try:
            answer = json.loads(text) if text else None
        except ValueError:
            check(what + " is not JSON", path == "/openapi/export", text)
            answer = text.decode()
        if status:
            check(f"{what} should be {status}", got == status, (got, text))
        if got == 204:
            check(what + " 204 has a body", not text, text)
        if code:
            check(f"{what} should be {code}", isinstance(answer, dict) and answer.get("error_code") == code, text)
            check(what + " has error_msg", isinstance(answer, dict) and answer.get("error_msg"), text)
        return answer


def shape(what, value, members):
    """Each member is there and has the type."""
    for name, kind in members.items():
        is_so = isinstance(value, dict) and isinstance(value.get(name), kind)
        if kind is int:
            is_so = is_so and not isinstance(value.get(name), bool)
        check(f"{what}.{name} is no {kind.__name__}", is_so, value)


def is_id(what, text):
    check(what + " is no id", re.fullmatch("[0-9a-f]{32}", str(text)), text)


def is_time(what, text):
    check(what + " is no time", re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$", str(text)), text)


def is_page(what, answer, key, total=None):
    shape(what, answer, {"size": int, "total": int, key: list})
    check(what + ".size", answer["size"] == len(answer[key]), answer)
    if total is not None:
        check(f"{what}.total should be {total}", answer["total"] == total, answer)
    return answer[key]


# Identity: a token for a project, and the project's id.
login = {"auth": {"identity": {"methods": ["password"], "password": {"user": {
    "name": USER, "password": PASSWORD, "domain": {"name": DOMAIN}}}}, "scope": {"project": {"name": PROJECT}}}}
status, headers, text = send("POST", "/v3/auth/tokens?nocatalog=true", {"Content-Type": "application/json"},
                             json.dumps(login).encode())
check("token is 201", status == 201, (status, text))
token = headers["X-Subject-Token"]
shape("token", json.loads(text)["token"], {"methods": list, "expires_at": str, "issued_at": str, "user": dict,
                                           "project": dict, "roles": list})
check("expires_at", re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", json.loads(text)["token"]["expires_at"]), text)
project = json.loads(text)["token"]["project"]["id"]
login["auth"]["identity"]["password"]["user"]["password"] = "another"
check("a wrong password is 401", send("POST", "/v3/auth/tokens", {"Content-Type": "application/json"},
                                      json.dumps(login).encode())[0] == 401)
status, _, text = send("GET", f"/v3/projects?name={PROJECT}", {"X-Auth-Token": token})
check("projects", status == 200 and json.loads(text)["projects"][0]["id"] == project, text)
Api(project, "no token").call("GET", "/api-groups", status=401, code="APIG.1002")

keyed, api = Api(project), Api(project, token)
# Groups.
GROUP = {"id": str, "name": str, "remark": str, "status": int, "sl_domain": str, "sl_domains": list,
         "register_time": str, "update_time": str, "on_sell_status": int, "is_default": int,
         "sl_domain_access_enabled": bool}
group = keyed.call("POST", "/api-groups", {"name": "中文_(v1)-a.b:c/d", "remark": "r"}, status=201)
shape("group", group, GROUP)
is_id("group", group["id"])
is_time("register_time", group["register_time"])
check("sl_domain", group["sl_domain"].startswith(group["id"] + ".apic."), group)
check("group words", (group["status"], group["on_sell_status"], group["is_default"]) == (1, 2, 2), group)
api.call("POST", "/api-groups", {"name": group["name"]}, status=400, code="APIG.3201")
for name in ["ab", "a" * 256, "a b c", "", "_abc"]:
    api.call("POST", "/api-groups", {"name": name}, status=400)
api.call("POST", "/api-groups", {"name": "a!b"}, status=400, code="APIG.2011")
api.call("POST", "/api-groups", {"name": "abc", "remark": "r" * 1001}, status=400)
api.call("POST", "/api-groups/check", {"group_name": group["name"]}, status=400, code="APIG.3201")
api.call("POST", "/api-groups/check", {"group_name": "free_name"}, status=204)
api.call("GET", "/api-groups/" + "0" * 32, status=404, code="APIG.3001")
shape("updated group", api.call("PUT", "/api-groups/" + group["id"], {"name": "petstore", "remark": "Pets"}, status=200), GROUP)
api.call("PUT", "/api-groups/" + group["id"], {"name": "a!b"}, status=400, code="APIG.2012")
for i in range(3):
    api.call("POST", "/api-groups", {"name": f"page{i}"}, status=201)
is_page("groups", keyed.call("GET", "/api-groups", query=[("name", "page"), ("limit", "2")], status=200), "groups", 3)
check("offset", len(api.call("GET", "/api-groups", query=[("name", "page"), ("offset", "2")])["groups"]) == 1)
check("negative offset", len(api.call("GET", "/api-groups", query=[("name", "page"), ("offset", "-1"), ("limit", "0")])["groups"]) == 3)
is_page("precise", api.call("GET", "/api-groups", query=[("name", "page"), ("precise_search", "name")]), "groups", 0)

# Environments.
env = api.call("POST", "/envs", {"name": "TEST", "remark": "t"}, status=201)
shape("env", env, {"create_time": str, "name": str, "remark": str, "id": str})
api.call("POST", "/envs", {"name": "TEST"}, status=400, code="APIG.3205")
api.call("POST", "/envs", {"name": "1a"}, status=400, code="APIG.2012")
check("RELEASE is there", RELEASE in [e["id"] for e in is_page("envs", api.call("GET", "/envs", status=200), "envs", 2)])
api.call("PUT", "/envs/" + env["id"], {"name": "TEST2"}, status=200)
api.call("DELETE", "/envs/nope", status=404, code="APIG.3003")

# An import as an official client sends it, signed; then its task.
document = {
    "swagger": "2.0", "info": {"title": "ignored", "version": "1"}, "basePath": "/v1", "schemes": ["https"],
    "paths": {
        "/pets/{petId}": {"get": {
            "operationId": "getPet", "description": "One pet", "schemes": ["https"], "security": [{"app": []}],
            "parameters": [{"name": "petId", "in": "path", "type": "string", "required": True},
                           {"name": "q", "in": "query", "type": "integer", "minimum": 1, "maximum": 9}],
            "responses": {"default": {"description": "ok"}, "x-apigateway-result-normal-sample": "success"},
            "x-apigateway-request-type": "public", "x-apigateway-match-mode": "NORMAL", "x-apigateway-cors": False,
            "x-apigateway-ratelimit": "gold", "x-apigateway-access-control": "office",
            "x-apigateway-backend": {"type": "HTTP", "httpEndpoints": {
                "address": "pets.example.com", "scheme": "http", "method": "GET", "path": "/pets/{id}", "timeout": 700},
                "parameters": [{"name": "id", "value": "petId", "in": "path", "origin": "REQUEST"}]}}},
        "/mock": {"x-apigateway-any-method": {
            "operationId": "anyMock", "x-apigateway-request-type": "private", "x-apigateway-match-mode": "SWA",
            "x-apigateway-cors": True, "responses": {"default": {"description": "ok"}},
            "x-apigateway-backend": {"type": "MOCK", "mockEndpoints": {"result-content": "mocked"}}}}},
    "securityDefinitions": {"app": {"type": "apiKey", "in": "header", "name": "Authorization",
                                    "x-apigateway-auth-type": "AppSigv1"}},
    "x-apigateway-ratelimits": {"gold": {"api-limit": 200, "interval": 1, "unit": "MINUTE", "shared": False}},
    "x-apigateway-access-controls": {"office": {"acl-type": "PERMIT", "entity-type": "IP", "value": "10.0.0.0/8"}}}


def import_form(text, **fields):
    return [(name, b"", str(value).encode()) for name, value in fields.items()] + [
        ("file_name", b'; filename="api.json"\r\nContent-Type: application/octet-stream', text.encode())]


def task_of(started):
    is_id("task", started["task_id"])
    for _ in range(200):
        task = keyed.call("GET", "/async-tasks/" + started["task_id"], status=200)
        shape("task", task, {"task_id": str, "task_status": str, "task_type": str, "task_result": str})
        check("task_status", task["task_status"] in ("waiting", "processing", "succeed", "failed"), task)
        if task["task_status"] in ("succeed", "failed"):
            return task, json.loads(task["task_result"])
        check("unfinished result", task["task_result"] == "", task)
        time.sleep(0.01)
    sys.exit("the task does not end")


def import_later(document, status="succeed", **fields):
    task, result = task_of(keyed.call("POST", "/openapi/async-import", status=202,
                                      form=import_form(json.dumps(document), **fields)))
    check(f"import should {status}", task["task_status"] == status and task["task_type"] == "import_api", (task, result))
    return result


result = import_later(document, is_create_group="false", group_id=group["id"], extend_mode="merge", api_mode="merge")
shape("import", result, {"success": list, "failure": list, "swagger": dict, "group_id": str, "ignore": list})
check("import", len(result["success"]) == 2 and not result["failure"] and result["group_id"] == group["id"], result)
for entry in result["success"]:
    shape("success", entry, {"id": str, "action": str, "method": str, "path": str})
    check("created", entry["action"] == "create" and entry["path"].startswith("/v1/"), entry)
shape("swagger", result["swagger"], {"id": str, "result": str})
again = import_later(document, is_create_group="false", group_id=group["id"], api_mode="merge")
check("merge ignores", len(again["ignore"]) == 2 and not again["success"], again)
over = import_later(document, is_create_group="false", group_id=group["id"], api_mode="override")
check("override updates", sorted(e["id"] for e in over["success"]) == sorted(e["id"] for e in result["success"]) and
      {e["action"] for e in over["success"]} == {"update"}, over)
check("a taken title", import_later(dict(document, info={"title": "petstore", "version": "1"}), "failed")["error_code"] == "APIG.3201")
check("a bad title", import_later(dict(document, info={"title": "a-b c", "version": "1"}), "failed")["error_code"] == "APIG.2044")
check("swagger 1.2", import_later(dict(document, swagger="1.2"), "failed")["error_code"] == "APIG.3601")
check("an unknown group", import_later(document, "failed", is_create_group="false", group_id="0" * 32)["error_code"] == "APIG.3001")
api.call("POST", "/openapi/async-import", form=import_form("", is_create_group="true"), status=400, code="APIG.3609")
api.call("GET", "/async-tasks/" + "0" * 32, status=404, code="APIG.3093")
now = api.call("POST", "/openapi/import", form=import_form(json.dumps(document), is_create_group="false", group_id=group["id"]), status=200)
shape("import", now, {"success": list, "failure": list, "swagger": dict, "group_id": str, "ignore": list})
api.call("POST", "/openapi/import", form=import_form(json.dumps(document), is_create_group="false", group_id="0" * 32), status=404, code="APIG.3001")
twice = json.loads(json.dumps(document))
twice["paths"]["/other"] = {"get": json.loads(json.dumps(twice["paths"]["/pets/{petId}"]["get"]))}
twice["paths"]["/other"]["get"]["parameters"][0]["in"] = "query"
failed = import_later(twice, is_create_group="false", group_id=group["id"])["failure"]
check("a name twice", len(failed) == 1, failed)
for entry in failed:
    shape("failure", entry, {"path": str, "method": str, "error_code": str, "error_msg": str})

# APIs.
rows = is_page("apis", api.call("GET", "/apis", query=[("group_id", group["id"])], status=200), "apis", 2)
ids = {row["name"]: row["id"] for row in rows}
pet = api.call("GET", "/apis/" + ids["getPet"], status=200)
for row in rows + [pet]:
    shape("api", row, {"id": str, "name": str, "type": int, "version": str, "group_id": str, "group_name": str,
                       "group_version": str, "req_protocol": str, "req_method": str, "req_uri": str, "match_mode": str,
                       "auth_type": str, "auth_opt": dict, "cors": bool, "backend_type": str, "status": int,
                       "arrange_necessary": int, "register_time": str, "update_time": str, "tags": list, "remark": str})
    is_time("update_time", row["update_time"])
check("api", (pet["type"], pet["req_protocol"], pet["req_method"], pet["req_uri"], pet["auth_type"], pet["group_version"])
      == (1, "HTTPS", "GET", "/v1/pets/{petId}", "APP", "V1"), pet)
shape("backend_api", pet["backend_api"], {"url_domain": str, "req_protocol": str, "req_method": str, "req_uri": str,
                                          "timeout": int, "vpc_channel_status": int, "id": str, "status": int})
check("backend_api", (pet["backend_api"]["url_domain"], pet["backend_api"]["timeout"], pet["backend_api"]["vpc_channel_status"])
      == ("pets.example.com", 700, 2), pet)
for parameter in pet["req_params"]:
    shape("req_params", parameter, {"name": str, "type": str, "location": str, "required": int, "valid_enable": int,
                                    "pass_through": int, "id": str})
for parameter in pet["backend_params"]:
    shape("backend_params", parameter, {"name": str, "location": str, "origin": str, "value": str, "id": str, "req_param_id": str})
for filters, total in [({"req_method": "ANY"}, 1), ({"req_uri": "pets"}, 1), ({"auth_type": "APP"}, 1), ({"type": "2"}, 1),
                       ({"name": "et"}, 1), ({"name": "et", "precise_search": "name"}, 0), ({"env_id": RELEASE}, 0),
                       ({"req_uri": "/v1/mock", "precise_search": "req_uri"}, 1), ({"id": ids["getPet"]}, 1),
                       ({"tags": "#no_tags#"}, 2), ({"req_protocol": "HTTPS"}, 2), ({"vpc_channel_name": "x"}, 0)]:
    is_page(f"apis {filters}", api.call("GET", "/apis", query=list(filters.items())), "apis", total)
api.call("GET", "/apis/" + "0" * 32, status=404, code="APIG.3002")
api.call("POST", "/apis/check", {"type": "name", "name": "getPet", "group_id": group["id"]}, status=400, code="APIG.3202")
api.call("POST", "/apis/check", {"type": "name", "name": "getPet", "group_id": group["id"], "api_id": ids["getPet"]}, status=204)
path = {"type": "path", "req_method": "GET", "req_uri": "/v1/pets/{x}", "match_mode": "NORMAL", "group_id": group["id"]}
api.call("POST", "/apis/check", path, status=400, code="APIG.3301")
api.call("POST", "/apis/check", dict(path, match_mode="SWA"), status=204)
api.call("POST", "/apis", dict(pet, name="other"), status=400, code="APIG.3301")
api.call("POST", "/apis", dict(pet, req_method="PUT"), status=400, code="APIG.3202")
api.call("PUT", "/apis/" + ids["getPet"], dict(pet, remark="edited"), status=200)

# Publishing.
PUBLISHED = {"publish_id": str, "api_id": str, "api_name": str, "env_id": str, "remark": str, "publish_time": str, "version_id": str}
one = keyed.call("POST", "/apis/action", {"action": "online", "env_id": RELEASE, "api_id": ids["getPet"], "remark": "v1"}, status=201)
shape("published", one, PUBLISHED)
api.call("POST", "/apis/action", {"action": "sideways", "env_id": RELEASE, "api_id": ids["getPet"]}, status=400, code="APIG.2011")
api.call("POST", "/apis/action", {"action": "online", "env_id": RELEASE, "api_id": "0" * 32}, status=404, code="APIG.3002")
api.call("POST", "/apis/action", {"action": "online", "env_id": "nope", "api_id": ids["getPet"]}, status=404, code="APIG.3003")
api.call("POST", "/apis/publish", {"env_id": RELEASE, "group_id": group["id"]}, query=[("action", "up")], status=400, code="APIG.2011")
batch = keyed.call("POST", "/apis/publish", {"env_id": RELEASE, "apis": list(ids.values()) + ["f" * 32]}, query=[("action", "online")], status=200)
shape("batch", batch, {"success": list, "failure": list})
for entry in batch["success"]:
    shape("batch success", entry, PUBLISHED)
shape("batch failure", batch["failure"][0], {"api_id": str, "error_code": str, "error_msg": str})
check("batch", len(batch["success"]) == 2 and batch["failure"][0]["error_code"] == "APIG.3002", batch)
history = is_page("history", api.call("GET", "/apis/publish/" + ids["getPet"], query=[("env_id", RELEASE)], status=200), "api_versions", 2)
for entry in history:
    shape("version", entry, {"version_id": str, "version_no": str, "api_id": str, "env_id": str, "env_name": str, "remark": str,
                             "publish_time": str, "status": int})
    check("version_no", re.fullmatch(r"\d{14}", entry["version_no"]), entry)
check("one in effect", sorted(e["status"] for e in history) == [1, 2], history)
old = next(e for e in history if e["status"] == 2)
shape("switched", api.call("PUT", "/apis/publish/" + ids["getPet"], {"version_id": old["version_id"]}, status=200), PUBLISHED)
check("version", api.call("GET", "/apis/versions/" + old["version_id"], status=200)["name"] == "getPet")
api.call("GET", "/apis/versions/" + "0" * 32, status=404, code="APIG.3022")
check("runtime", api.call("GET", "/apis/runtime/" + ids["getPet"], status=200)["name"] == "getPet")
published = api.call("GET", "/apis/" + ids["getPet"])
shape("publication", published, {"run_env_id": str, "run_env_name": str, "publish_id": str, "publish_time": str})
check("run_env", (published["run_env_id"], published["run_env_name"]) == (RELEASE, "RELEASE"), published)
api.call("DELETE", "/apis/" + ids["getPet"], status=409, code="APIG.3416")
api.call("DELETE", "/api-groups/" + group["id"], status=412, code="APIG.3415")

# Exports.
wanted = {"env_id": RELEASE, "group_id": group["id"], "define": "all", "type": "json"}
task, result = task_of(keyed.call("POST", "/openapi/async-export", dict(wanted, version="v9"), query=[("oas_version", "2.0")], status=202))
check("export", task["task_type"] == "export_api" and task["task_status"] == "succeed", task)
shape("export", result, {"FileName": str, "FileType": str, "Comment": str})
check("FileName", result["FileName"] == "petstore-RELEASE-all-v9" and result["FileType"] == ".json", result["FileName"])
text = result["Comment"]
exported = json.loads(text)
check("splice", re.search('\n\t}\n,\n\t"x-apigateway-[a-z-]+": .*\n}$', text, re.S), text[-200:])
check("keys", list(exported)[:4] == ["swagger", "info", "host", "paths"] and "basePath" not in exported, list(exported))
check("info", exported["info"] == {"description": "Pets", "title": "petstore", "version": "v9"}, exported["info"])
check("host", exported["host"] == group["sl_domain"], exported["host"])
get = exported["paths"]["/v1/pets/{petId}"]["get"]
check("operation keys", [k for k in get if not k.startswith("x-")] ==
      ["security", "description", "schemes", "operationId", "parameters", "responses"], list(get))
check("extension keys", [k for k in get if k.startswith("x-")] == sorted(k for k in get if k.startswith("x-")), list(get))
check("responses", get["responses"] == {"default": {"$ref": "#/responses/default"}, "x-apigateway-result-failure-sample": "",
                                        "x-apigateway-result-normal-sample": "success"}, get["responses"])
check("in", get["x-apigateway-backend"]["parameters"] ==
      [{"description": "", "in": "PATH", "name": "id", "origin": "REQUEST", "value": "petId"}], get["x-apigateway-backend"])
check("backend", list(get["x-apigateway-backend"]) == ["httpEndpoints", "parameters", "type"], get["x-apigateway-backend"])
check("policies", (get["x-apigateway-ratelimit"], get["x-apigateway-access-control"]) == ("gold", "office"), get)
check("definitions", exported["x-apigateway-ratelimits"]["gold"]["api-limit"] == 200 and
      exported["x-apigateway-access-controls"]["office"]["value"] == "10.0.0.0/8", exported)
check("any", "x-apigateway-any-method" in exported["paths"]["/v1/mock"], exported["paths"])
standard = exported["securityDefinitions"]
check("schemes", {"apig-auth-app", "apig-auth-app-header", "apig-auth-iam"} <= set(standard) and
      standard["apig-auth-iam"]["name"] == "unused", standard)
check("default response", exported["responses"] == {"default": {"description": "response example"}}, exported["responses"])
spec = api.call("POST", "/openapi/export", dict(wanted, define="spec"), status=200)
check("spec", "x-apigateway-backend" not in json.dumps(spec), spec)
proxy = api.call("POST", "/openapi/export", dict(wanted, define="proxy"), status=200)
check("proxy", "x-apigateway-ratelimits" not in proxy and "x-apigateway-backend" in json.dumps(proxy), proxy)
draft = api.call("POST", "/openapi/export", dict(wanted, define="dev"), status=200)
check("dev", draft["paths"]["/v1/pets/{petId}"]["get"]["description"] == "edited", draft)
some = api.call("POST", "/openapi/export", dict(wanted, apis=[ids["anyMock"]]), status=200)
check("apis", list(some["paths"]) == ["/v1/mock"], some["paths"])
text = api.call("POST", "/openapi/export", dict(wanted, type="yaml"), status=200)
check("YAML says the same", yaml.safe_load(text)["paths"] == json.loads(json.dumps(exported["paths"])), text)
three = api.call("POST", "/openapi/export", wanted, query=[("oas_version", "3.0")], status=200)
check("OpenAPI 3", three["openapi"].startswith("3.0.") and three["servers"][0]["url"].startswith("http"), three)
check("components", {"responses", "securitySchemes", "x-apigateway-responses"} <= set(three["components"]), three["components"])
three_get = three["paths"]["/v1/pets/{petId}"]["get"]
check("samples inside", three_get["responses"]["default"].get("x-apigateway-result-normal-sample") == "success", three_get["responses"])
check("servers again", three_get.get("servers"), three_get)
check("default-cors", "default-cors" in three["paths"]["/v1/mock"]["x-apigateway-any-method"]["responses"], three["paths"]["/v1/mock"])
api.call("POST", "/openapi/export", {k: v for k, v in wanted.items() if k != "env_id"}, status=400, code="APIG.2001")
api.call("POST", "/openapi/export", dict(wanted, define="full"), status=400, code="APIG.2011")
api.call("POST", "/openapi/export", dict(wanted, group_id="0" * 32), status=404, code="APIG.3001")

# Policies and what is bound. The import's names took effect when the API was published.
throttles = is_page("throttles", api.call("GET", "/throttles", status=200), "throttles", 1)
THROTTLE = {"id": str, "name": str, "api_call_limits": int, "time_interval": int, "time_unit": str, "type": int,
            "create_time": str, "bind_num": int, "is_inclu_special_throttle": int, "enable_adaptive_control": str, "remark": str}
shape("throttle", throttles[0], THROTTLE)
check("throttle", (throttles[0]["type"], throttles[0]["bind_num"], throttles[0]["enable_adaptive_control"]) == (1, 1, "FALSE"), throttles)
silver = keyed.call("POST", "/throttles", {"name": "silver", "api_call_limits": 5, "time_interval": 1, "time_unit": "DAY"}, status=201)
shape("throttle", silver, THROTTLE)
api.call("POST", "/throttles", {"name": "silver", "api_call_limits": 5, "time_interval": 1, "time_unit": "DAY"}, status=400, code="APIG.3204")
api.call("POST", "/throttles", {"name": "abc", "api_call_limits": 5, "user_call_limits": 6, "time_interval": 1, "time_unit": "DAY"}, status=400)
api.call("GET", "/throttles/nope", status=404, code="APIG.3005")
special = api.call("POST", f"/throttles/{silver['id']}/throttle-specials", {"call_limits": 1, "object_id": "u" * 32, "object_type": "USER"}, status=201)
is_page("specials", api.call("GET", f"/throttles/{silver['id']}/throttle-specials", status=200), "throttle_specials", 1)
api.call("DELETE", f"/throttles/{silver['id']}/throttle-specials/{special['id']}", status=204)
publish_id = published["publish_id"]
applied = keyed.call("POST", "/throttle-bindings", {"strategy_id": silver["id"], "publish_ids": [publish_id]}, status=201)["throttle_applys"]
shape("binding", applied[0], {"publish_id": str, "scope": int, "strategy_id": str, "apply_time": str, "id": str})
check("scope", applied[0]["scope"] == 1, applied)
bound = is_page("bound", api.call("GET", "/throttle-bindings/binded-throttles", query=[("api_id", ids["getPet"])], status=200), "throttles", 1)
check("bound", bound[0]["name"] == "silver", bound)
is_page("bound apis", api.call("GET", "/throttle-bindings/binded-apis", query=[("throttle_id", silver["id"])], status=200), "apis", 1)
api.call("DELETE", "/throttles/" + silver["id"], status=403, code="APIG.3451")
api.call("DELETE", "/throttle-bindings/" + applied[0]["id"], status=204)
api.call("DELETE", "/throttle-bindings/" + applied[0]["id"], status=404, code="APIG.3012")
api.call("DELETE", "/throttles/" + silver["id"], status=204)
acl = api.call("POST", "/acls", {"acl_name": "home", "acl_type": "DENY", "entity_type": "IP", "acl_value": "1.1.1.1,2.0.0.0/8"}, status=201)
shape("acl", acl, {"id": str, "acl_name": str, "acl_type": str, "entity_type": str, "acl_value": str, "update_time": str})
is_page("acls", api.call("GET", "/acls", query=[("acl_type", "DENY")], status=200), "acls", 1)
api.call("POST", "/acls", {"acl_name": "home", "acl_type": "DENY", "entity_type": "IP", "acl_value": "1.1.1.1"}, status=400, code="APIG.3206")
api.call("POST", "/acl-bindings", {"acl_id": acl["id"], "publish_ids": [publish_id]}, status=201)
guards = is_page("acls of an API", api.call("GET", "/acl-bindings/binded-acls", query=[("api_id", ids["getPet"])], status=200), "acls", 1)
check("acl", guards[0]["acl_name"] == "home", guards)
api.call("DELETE", "/acls/" + acl["id"], status=403, code="APIG.3447")
api.call("DELETE", "/acl-bindings/" + guards[0]["bind_id"], status=204)
api.call("PUT", "/acls", {"acls": [acl["id"]]}, query=[("action", "delete")], status=200)
api.call("GET", "/acls/" + acl["id"], status=404, code="APIG.3006")
plugin = api.call("POST", "/plugins", {"plugin_name": "cors_one", "plugin_type": "cors", "plugin_scope": "global",
                                       "plugin_content": json.dumps({"allow_origin": "*"})}, status=201)
shape("plugin", plugin, {"plugin_id": str, "plugin_name": str, "plugin_type": str, "plugin_scope": str, "plugin_content": str,
                         "create_time": str, "update_time": str})
api.call("POST", f"/plugins/{plugin['plugin_id']}/attach", {"env_id": env["id"], "api_ids": [ids["getPet"]]}, status=409, code="APIG.3707")
api.call("POST", f"/plugins/{plugin['plugin_id']}/attach", {"env_id": RELEASE, "api_ids": [ids["getPet"]]}, status=201)
is_page("plugins", api.call("GET", f"/apis/{ids['getPet']}/attached-plugins", status=200), "plugins", 1)
api.call("PUT", f"/plugins/{plugin['plugin_id']}/detach", {"env_id": RELEASE, "api_ids": [ids["getPet"]]}, status=204)
is_page("plugins", api.call("GET", f"/apis/{ids['getPet']}/attached-plugins", status=200), "plugins", 0)

# Group responses, quotas, the gateway itself.
responses = is_page("responses", api.call("GET", f"/api-groups/{group['id']}/gateway-responses", status=200), "responses", 1)
shape("response", responses[0], {"id": str, "name": str, "default": bool, "create_time": str, "update_time": str})
one = f"/api-groups/{group['id']}/gateway-responses/{responses[0]['id']}"
kinds = api.call("GET", one, status=200)["responses"]
for kind, code in {"ACCESS_DENIED": 403, "AUTH_FAILURE": 401, "BACKEND_TIMEOUT": 504, "NOT_FOUND": 404, "THROTTLED": 429}.items():
    check(kind, kinds.get(kind, {}).get("status") == code and kinds[kind].get("default") is True, kinds.get(kind))
api.call("DELETE", one, status=409, code="APIG.3491")
api.call("PUT", one, {"name": "renamed"}, status=409, code="APIG.3492")
configs = is_page("configs", api.call("GET", "/project/configs", query=[("limit", "500")], status=200), "configs")
for config in configs:
    shape("config", config, {"config_id": str, "config_name": str, "config_value": str, "config_time": str, "remark": str, "used": int})
check("configs", {"API_NUM_LIMIT", "APIGROUP_NUM_LIMIT", "API_NUM_LIMIT_PER_GROUP"} <= {c["config_name"] for c in configs}, configs)
shape("instance", api.call("GET", "", status=200), {"id": str, "project_id": str, "instance_name": str, "status": str,
                                                   "instance_status": int, "type": str, "spec": str, "create_time": int})

# And back to nothing.
api.call("DELETE", "/envs/" + env["id"], status=204)
gone = api.call("POST", "/apis/publish", {"env_id": RELEASE, "group_id": group["id"]}, query=[("action", "offline")], status=200)
check("offline", len(gone["success"]) == 2, gone)
api.call("POST", "/apis/action", {"action": "offline", "env_id": RELEASE, "api_id": ids["getPet"]}, status=404, code="APIG.3015")
for name in ids.values():
    api.call("DELETE", "/apis/" + name, status=204)
api.call("DELETE", "/api-groups/" + group["id"], status=204)
api.call("DELETE", "/api-groups/" + group["id"], status=404, code="APIG.3001")

print("\n".join(wrong) or "The gateway answers as documented.")
sys.exit(1 if wrong else 0)
