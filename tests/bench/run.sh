#!/usr/bin/env bash
# Measures the release binary on one group of 1,000 operations and on starting up; exits non-zero when a bar is missed.
# Prints its verdict last. The bars hold on a quiet 2-core machine; each figure is the best of several runs.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
sluice="$root/build/sluice"
[ -x "$sluice" ] || { cd "$root" && cmake --preset release > /dev/null && cmake --build --preset release > /dev/null; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 - <<'PY'
import json
paths = {}
for i in range(1000):
    paths[f"/r{i // 5}/items{i % 5}/{{id}}"] = {"get": {
        "operationId": f"getItem{i}", "description": f"Operation {i} of the benchmark, with a text of usual length",
        "tags": ["bench", f"t{i % 7}"],
        "parameters": [{"name": "id", "in": "path", "type": "string", "required": True},
                       {"name": "limit", "in": "query", "type": "integer", "minimum": 1, "maximum": 100, "default": 20},
                       {"name": "X-Trace", "in": "header", "type": "string", "description": "trace id"}],
        "responses": {"default": {"description": "ok"}, "200": {"description": "fine", "schema": {"type": "object"}}}}}
json.dump({"swagger": "2.0", "info": {"title": "bench", "version": "1"}, "paths": paths}, open("api.json", "w"), indent=1)
open("sluice.yaml", "w").write(
    "version: 1\ngroups:\n  - name: bench\n    swagger: api.json\n"
    "    operations: {auth: app, backend: {type: HTTP, address: 'b.internal:80', scheme: http}}\n")
PY

. "$root/tests/bench/measure.sh"

begin=$(date +%s%N)
"$sluice" apply --auto-approve -q > /dev/null
apply=$((($(date +%s%N) - begin) / 1000000))
read -r plan_ms plan_kb <<< "$(best "$sluice" plan)"
read -r start_ms _ <<< "$(best "$sluice" version)"
bar "start (version)" "$start_ms" 15 ms
bar "plan, 1,000 operations, nothing to do" "$plan_ms" 300 ms
bar "  its memory" "$((plan_kb / 1024))" 70 MB
bar "apply, 1,000 operations created" "$apply" 5000 ms
if [ "$missed" = 0 ]; then echo "bench: every bar held"; else echo "bench: $missed missed"; exit 1; fi
