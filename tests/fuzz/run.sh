#!/bin/bash
# Fuzzes each target for 60 seconds (SLUICE_FUZZ_SECONDS), with the corpus as seeds. Needs clang. What breaks a target is left
# in build/fuzz/found; put it into the corpus with its mending.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
if ! command -v clang++ >/dev/null; then
  echo "no clang++ here: install clang" >&2
  exit 1
fi
declare -A corpus=([address]=addresses [journal]=journals [state_text]=states [task_result]=task_results)
targets=(json yaml manifest swagger plan_file address journal state_text task_result)
cmake --preset fuzz >/dev/null
cmake --build build/fuzz --target "${targets[@]/#/fuzz_}"
mkdir -p build/fuzz/found
bad=0
for target in "${targets[@]}"; do
  mkdir -p "build/fuzz/grown/$target"
  echo "== $target"
  build/fuzz/tests/fuzz/fuzz_"$target" -max_total_time="${SLUICE_FUZZ_SECONDS:-60}" -timeout=10 -rss_limit_mb=2048 -verbosity=0 \
    -print_final_stats=1 -artifact_prefix="build/fuzz/found/$target-" \
    "build/fuzz/grown/$target" "tests/fuzz/${corpus[$target]:-corpus}" || bad=1
done
exit $bad
