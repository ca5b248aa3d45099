#!/usr/bin/env bash
# Measures how the release binary scales: 10,000 and 50,000 operations in groups of 1,000, unchanged and with 1 %
# changed. Exits non-zero when a bar is missed, and prints its verdict last. Times are of the processor, each the best
# of several runs. The embedded gateway works in the same process, so its export is part of every figure.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
sluice="$root/build/sluice"
[ -x "$sluice" ] || { cd "$root" && cmake --preset release > /dev/null && cmake --build --preset release > /dev/null; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# generate FOLDER GROUPS EVERY: groups of 1,000 operations; each EVERYth has another description (0: none).
generate() {
  python3 - "$@" <<'PY'
import json, os, sys
folder, groups, every = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
os.makedirs(folder, exist_ok=True)
manifest = "version: 1\ngateway: {provider: embedded, quirks: {edition: raised}}\ngroups:\n"
for group in range(groups):
    paths = {}
    for i in range(1000):
        changed = " (changed)" if every and i % every == 0 else ""
        paths[f"/r{i // 5}/items{i % 5}/{{id}}"] = {"get": {
            "operationId": f"getItem{i}", "description": f"Operation {i}, with a text of usual length{changed}",
            "tags": ["bench", f"t{i % 7}"],
            "parameters": [{"name": "id", "in": "path", "type": "string", "required": True},
                           {"name": "limit", "in": "query", "type": "integer", "minimum": 1, "maximum": 100, "default": 20},
                           {"name": "X-Trace", "in": "header", "type": "string", "description": "trace id"}],
            "responses": {"default": {"description": "ok"}}}}
    json.dump({"swagger": "2.0", "info": {"title": f"bench{group}", "version": "1"}, "paths": paths},
              open(f"{folder}/api{group}.json", "w"), indent=1)
    manifest += (f"  - name: bench{group}\n    swagger: api{group}.json\n"
                 "    operations: {auth: app, backend: {type: HTTP, address: 'b.internal:80', scheme: http}}\n")
open(f"{folder}/sluice.yaml", "w").write(manifest)
PY
}

# best FOLDER: "milliseconds megabytes" of the fastest of 5 plans there.
best() {
  python3 - "$1" "$sluice" <<'PY'
import os, subprocess, sys
times, sizes = [], []
for _ in range(5):
    process = subprocess.Popen([sys.argv[2], "plan"], cwd=sys.argv[1], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    times.append(usage.ru_utime + usage.ru_stime)
    sizes.append(usage.ru_maxrss)
    if status != 0: sys.exit(f"plan in {sys.argv[1]} ended with status {status}")
print(round(min(times) * 1000), min(sizes) // 1024)
PY
}

missed=0
# ratio NAME VALUE BASE: at most 1.3 times BASE.
ratio() {
  local verdict=ok hundredths=$(($2 * 100 / $3))
  if [ "$hundredths" -gt 130 ]; then verdict=MISSED; missed=$((missed + 1)); fi
  printf '%-56s %3d.%02d (bar 1.30) %s\n' "$1" $((hundredths / 100)) $((hundredths % 100)) "$verdict"
}

generate small 10 0
generate large 50 0
for folder in small large; do
  (cd $folder && "$sluice" apply --auto-approve -q > /dev/null)
done
mkdir changed && cp -r small/. changed/ && generate changed 10 100
expected="Plan: 0 to add, 100 to change, 0 to destroy"
(cd changed && "$sluice" plan --summary) | grep -F "$expected" > /dev/null || { echo "not: $expected"; exit 1; }

read -r small_ms small_mb <<< "$(best small)"
read -r changed_ms changed_mb <<< "$(best changed)"
read -r large_ms large_mb <<< "$(best large)"
printf '%-56s %6s ms %5s MB\n' "plan, 10,000 operations in 10 groups, no change" "$small_ms" "$small_mb" \
  "plan, 10,000 operations, 1 % changed" "$changed_ms" "$changed_mb" \
  "plan, 50,000 operations in 50 groups, no change" "$large_ms" "$large_mb"
ratio "1 % changed, against no change" "$changed_ms" "$small_ms"
ratio "50,000, against five times 10,000" "$large_ms" $((small_ms * 5))
if [ "$missed" = 0 ]; then echo "scale: every bar held"; else echo "scale: $missed missed"; exit 1; fi
