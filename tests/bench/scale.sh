#!/usr/bin/env bash
# Plans 10,000 operations in 10 groups and 50,000 in 50, with the release binary and the embedded gateway in a file: with
# nothing to do, and with 1 % changed. Exits non-zero when a bar is missed; prints its verdict last.
#   SCALE="2 4"  groups of the two sizes, for a try
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
sluice="$root/build/sluice"
[ -x "$sluice" ] || { cd "$root" && cmake --preset release > /dev/null && cmake --build --preset release > /dev/null; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
read -r small large <<< "${SCALE:-10 50}"

# files FOLDER GROUPS EVERY: 1,000 operations a group; the text of every EVERYth is another one, 0 is none.
files() {
  python3 - "$@" <<'PY'
import json, os, sys
folder, groups, every = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
os.makedirs(folder, exist_ok=True)
manifest = "version: 1\ngateway: {provider: embedded, quirks: {edition: unlimited}}\ngroups:\n"
for g in range(groups):
    paths = {}
    for i in range(1000):
        text = f"Operation {i} of the benchmark, with a text of usual length"
        if every and i % every == 0: text += ", changed"
        paths[f"/g{g}/r{i // 5}/items{i % 5}/{{id}}"] = {"get": {
            "operationId": f"getItem{i}", "description": text, "tags": ["bench", f"t{i % 7}"],
            "parameters": [{"name": "id", "in": "path", "type": "string", "required": True},
                           {"name": "limit", "in": "query", "type": "integer", "minimum": 1, "maximum": 100},
                           {"name": "X-Trace", "in": "header", "type": "string", "description": "trace id"}],
            "responses": {"default": {"description": "ok"}, "200": {"description": "fine"}}}}
    with open(f"{folder}/g{g}.json", "w") as out:
        json.dump({"swagger": "2.0", "info": {"title": f"group{g}", "version": "1"}, "paths": paths}, out, indent=1)
    manifest += (f"  - name: group{g}\n    swagger: g{g}.json\n"
                 "    operations: {auth: app, backend: {type: HTTP, address: 'b.internal:80', scheme: http}}\n")
open(f"{folder}/sluice.yaml", "w").write(manifest)
PY
}

. "$root/tests/bench/measure.sh"

# measure GROUPS: sets same_ms, changed_ms and memory.
measure() {
  local folder="$work/of$1"
  files "$folder" "$1" 0
  (cd "$folder" && "$sluice" apply --auto-approve -q > /dev/null)
  read -r same_ms memory <<< "$(best "$sluice" plan -f "$folder/sluice.yaml")"
  files "$folder" "$1" 100
  read -r changed_ms _ <<< "$(best "$sluice" plan -f "$folder/sluice.yaml")"
  rm -rf "$folder"
}

measure "$small"
small_ms=$same_ms
echo "$((small * 1000)) operations, nothing to do: $small_ms ms, $((memory / 1024)) MB; 1 % changed: $changed_ms ms"
bar "1 % changed, of the time with nothing to do" "$((changed_ms * 100 / small_ms))" 130 %
measure "$large"
echo "$((large * 1000)) operations, nothing to do: $same_ms ms, $((memory / 1024)) MB; 1 % changed: $changed_ms ms"
bar "1 % changed, of the time with nothing to do" "$((changed_ms * 100 / same_ms))" 130 %
bar "time for an operation among many, of that among few" "$((same_ms * 100 * small / (small_ms * large)))" 130 %
if [ "$missed" = 0 ]; then echo "scale: every bar held"; else echo "scale: $missed missed"; exit 1; fi
