#!/usr/bin/env bash
# The main job of Sluice on a small pet store: plan, apply, plan again, a change behind its back, drift, apply again.
# Installs what a build needs (Debian packages), builds build/sluice, and works in build/quickstart.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
run() { printf '$ sluice %s\n' "$*"; "$sluice" "$@"; }

say "Install what the build needs"
bash tests/run.sh --deps

say "Build build/sluice (a few minutes the first time)"
mkdir -p build
if ! { cmake --preset release && cmake --build --preset release; } > build/quickstart.log 2>&1; then
  tail -n 40 build/quickstart.log; echo "The build failed; the whole log is build/quickstart.log."; exit 1
fi
sluice="$PWD/build/sluice"
"$sluice" version

work=build/quickstart
rm -rf "$work" && mkdir -p "$work" && cp examples/petstore/*.yaml "$work" && cd "$work"

say "1. Plan: what would change? (nothing is sent)"
run plan

say "2. Apply: import, publish, look again"
run apply --auto-approve

say "3. Plan again: nothing left to do"
run plan --detailed-exitcode

say "4. Somebody changes an API behind Sluice's back, through the gateway's own HTTP interface"
"$sluice" gateway serve --listen 127.0.0.1:0 --data .sluice/gateway.db > serve.log 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
for _ in $(seq 100); do grep -q 'listens on' serve.log && break; sleep 0.05; done
base="$(sed -n 's/.*listens on \(http:[^,]*\),.*/\1/p' serve.log)/v2/local/apigw/instances/local"
id=$(curl -fsS "$base/apis?name=listPets" | grep -o '"id":"[0-9a-f]*"' | head -n 1 | cut -d'"' -f4)
curl -fsS "$base/apis/$id" | sed 's/"remark":"Lists pets"/"remark":"Edited by hand"/' > api.json
curl -fsS -X PUT -H 'Content-Type: application/json' --data-binary @api.json "$base/apis/$id" > /dev/null
curl -fsS -X POST -H 'Content-Type: application/json' "$base/apis/action" \
  -d "{\"action\":\"offline\",\"env_id\":\"DEFAULT_ENVIRONMENT_RELEASE_ID\",\"api_id\":\"$(
    curl -fsS "$base/apis?name=getPet" | grep -o '"id":"[0-9a-f]*"' | head -n 1 | cut -d'"' -f4)\"}" > /dev/null
kill "$server" && wait "$server" 2>/dev/null || true
trap - EXIT
echo "listPets was edited, getPet was taken offline."

say "5. Drift: what did they change? (exit code 2)"
code=0
run drift || code=$?
[ "$code" = 2 ] || { echo "drift ended with $code instead of 2"; exit 1; }

say "6. Apply again: back to what the files say"
run apply --auto-approve --on-drift revert
run drift
run plan --detailed-exitcode

say "Done. Look around in $work, or start your own with: build/sluice init my-gateway"
