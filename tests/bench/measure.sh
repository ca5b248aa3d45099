# What the benchmarks share; sourced.

# best COMMAND...: "milliseconds kilobytes" of the fastest of 7 runs.
best() {
  python3 - "$@" <<'PY'
import os, subprocess, sys, time
times, sizes = [], []
for _ in range(7):
    begin = time.monotonic()
    process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    times.append(time.monotonic() - begin)
    sizes.append(usage.ru_maxrss)
    if status != 0: sys.exit(f"{sys.argv[1:]} ended with status {status}")
print(round(min(times) * 1000), min(sizes))
PY
}

missed=0
bar() { # NAME VALUE LIMIT UNIT
  local verdict=ok
  if [ "$2" -gt "$3" ]; then verdict=MISSED; missed=$((missed + 1)); fi
  printf '%-56s %8s %-3s (bar %s) %s\n' "$1" "$2" "$4" "$3" "$verdict"
}
