#!/usr/bin/env bash
# Measures the release binary's embedded gateway: requests with 8 keep-alive clients, an import of 28 MB, an export of
# 1,000 APIs. Prints its verdict last and exits non-zero when a bar is missed. The server has one core to itself where
# taskset can give it one. Needs curl, python3 and wrk (Debian packages).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
sluice="$root/build/sluice"
[ -x "$sluice" ] || { cd "$root" && cmake --preset release > /dev/null && cmake --build --preset release > /dev/null; }
for program in curl python3 wrk; do
  command -v "$program" > /dev/null || { echo "bench: $program is not installed (apt-get install $program)"; exit 1; }
done
work=$(mktemp -d)
cd "$work"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
server=(taskset -c 0) client=(taskset -c 1)
[ "$(nproc)" -ge 2 ] || { server=(); client=(); }
"${server[@]}" "$sluice" gateway serve --listen "127.0.0.1:$port" --data gateway.db --quirk ids=sequential > /dev/null &
pid=$!
trap 'kill $pid; wait $pid 2> /dev/null || true; rm -rf "$work"' EXIT
base="http://127.0.0.1:$port/v2/p/apigw/instances/i"
curl -s -o /dev/null --retry 9 --retry-connrefused --retry-delay 1 "$base/envs"

# Documents: 28 MB of 10,000 operations, 28 MB of 300 operations, and 1,000 operations in files of 250.
python3 - <<'PY'
import json
def operation(i, more=""):
    return {"operationId": f"getItem{i}", "description": f"Operation {i} of the benchmark, with a text of usual length",
            "tags": ["bench"], "security": [{"app": []}], "schemes": ["https"],
            "parameters": [{"name": "id", "in": "path", "type": "string", "required": True},
                           {"name": "limit", "in": "query", "type": "integer", "minimum": 1, "maximum": 100},
                           {"name": "X-Trace", "in": "header", "type": "string", "description": "trace id"}],
            "responses": {"default": {"description": "ok" + more}},
            "x-apigateway-request-type": "public", "x-apigateway-cors": False, "x-apigateway-match-mode": "NORMAL",
            "x-apigateway-backend": {"type": "HTTP", "httpEndpoints": {"address": "b.internal:80", "scheme": "http",
                "method": "GET", "path": "/r/{id}", "timeout": 5000},
                "parameters": [{"name": "id", "in": "path", "value": "id", "origin": "REQUEST"}]}}
def write(name, operations, indent=None):
    json.dump({"swagger": "2.0", "info": {"title": "bench", "version": "1"}, "paths": operations,
               "securityDefinitions": {"app": {"type": "apiKey", "in": "header", "name": "Authorization",
                                               "x-apigateway-auth-type": "AppSigv1"}}}, open(name, "w"), indent=indent)
def paths(first, last, more=""):
    return {f"/r{i}/{{id}}": {"get": operation(i, more)} for i in range(first, last)}
write("many.json", paths(0, 10000, "." * 1050), "\t")
write("few.json", paths(0, 300, "." * 92000), "\t")
for part in range(4): write(f"part{part}.json", paths(part * 250, part * 250 + 250))
PY

missed=0
bar() { # NAME VALUE LIMIT UNIT [least]
  local verdict=ok
  if [ "${5-most}" = least ] && [ "$2" -lt "$3" ]; then verdict=MISSED; fi
  if [ "${5-most}" = most ] && [ "$2" -gt "$3" ]; then verdict=MISSED; fi
  [ "$verdict" = ok ] || missed=$((missed + 1))
  printf '%-56s %8s %-5s (bar %s) %s\n' "$1" "$2" "$4" "$3" "$verdict"
}
# The server's CPU time so far, in milliseconds.
cpu() { awk -v tick="$(getconf CLK_TCK)" '{print int(($14 + $15) * 1000 / tick)}' "/proc/$pid/stat"; }
field() { grep -o "\"$1\":\"[^\"]*" | head -n 1 | cut -d '"' -f 4; }
make_group() { curl -s "$base/api-groups" -d "{\"name\":\"$1\"}" | field id; }
import() { curl -s "$base/openapi/import" -F is_create_group=false -F "group_id=$2" -F "file_name=@$1"; }
# The CPU time of an import, the least of 3.
import_cpu() { # FILE GROUP
  local least=999999 before spent
  for _ in 1 2 3; do
    before=$(cpu)
    import "$1" "$2" > answer.json
    spent=$(($(cpu) - before))
    [ "$spent" -ge "$least" ] || least=$spent
  done
  echo "$least"
}

bar "import of 28 MB, 10,000 operations (refused), CPU" "$(import_cpu many.json "$(make_group many)")" 1000 ms
grep -q APIG.3127 answer.json || { echo "bench: the import of 10,000 operations was not refused"; exit 1; }
bar "import of 28 MB, 300 operations, CPU" "$(import_cpu few.json "$(make_group few)")" 1000 ms
grep -q '"failure":\[\]' answer.json || { echo "bench: the import of 300 operations failed"; exit 1; }

group=$(make_group bench)
for part in 0 1 2 3; do import "part$part.json" "$group" > answer.json; done
wanted="{\"env_id\":\"DEFAULT_ENVIRONMENT_RELEASE_ID\",\"group_id\":\"$group\",\"define\":\"all\"}"
curl -s -o answer.json "$base/apis/publish?action=online" -d "$wanted"
least=999999
for _ in 1 2 3 4 5 6 7; do
  took=$(curl -s -o export.json -w '%{time_total}' "$base/openapi/export" -d "$wanted" | awk '{print int($1 * 1000)}')
  [ "$took" -ge "$least" ] || least=$took
done
[ "$(grep -c operationId export.json)" = 1000 ] || { echo "bench: the export does not hold 1,000 APIs"; exit 1; }
bar "export of 1,000 APIs" "$least" 100 ms

# rate URL: requests with 8 keep-alive clients, for each second of CPU that the server had: on a quiet machine that is
# what one core answers in a second, on a busy one it still is. What the clock says goes to stderr.
rate() {
  local before requests
  before=$(cpu)
  requests=$("${client[@]}" wrk -t 1 -c 8 -d 3s "$1" | awk '/requests in/ {print $1}')
  echo "  by the clock: $((requests / 3)) r/s" >&2
  echo $((requests * 1000 / ($(cpu) - before)))
}
bar "details of a group, 8 clients, one core" "$(rate "$base/api-groups/$group")" 10000 r/s least
bar "a list of 20 of 1,300 APIs, 8 clients, one core" "$(rate "$base/apis?group_id=$group")" 1000 r/s least
if [ "$missed" = 0 ]; then echo "bench: every bar held"; else echo "bench: $missed missed"; exit 1; fi
