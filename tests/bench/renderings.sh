#!/usr/bin/env bash
# Measures each rendering of a plan of 10,000 operations against their diff, with 1 % changed and with all of them: with
# 1 % none may take longer than the diff, and with all of them a comment keeps to its budget. Prints its verdict last and
# exits non-zero when a bar is missed.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
cmake --preset optimized > /dev/null
cmake --build --preset optimized --target bench_renderings > /dev/null
. "$root/tests/bench/measure.sh"

figures=$(build/optimized/tests/bench/bench_renderings)
figure() { awk -v plan="$1" -v kind="$2" -v field="$3" '$1 == plan && $2 == kind {print $field}' <<< "$figures"; }
for kind in text wrapped json saved markdown html sarif github; do
  bar "1 % changed, $kind (the diff is the bar)" "$(figure few $kind 3)" "$(figure few diff 3)" us
done
for kind in text wrapped json saved markdown html sarif github; do
  echo "all changed, $kind: $(figure all $kind 3) us, $(figure all $kind 4) bytes; the diff: $(figure all diff 3) us"
done
bar "all changed, markdown" "$(figure all markdown 4)" 60000 B
if [ "$missed" = 0 ]; then echo "bench: every bar held"; else echo "bench: $missed missed"; exit 1; fi
