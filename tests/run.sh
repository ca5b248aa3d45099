#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test. The last line is "N passed, N failed".
#   tests/run.sh            presets asan (everything) and tsan (what has threads), release, random states optimized, format
#   tests/run.sh --quick    preset dev only: the everyday loop
#   tests/run.sh --nightly  everything under every preset, clang-tidy and benchmarks; no time limits
#   tests/run.sh --deps     only installs what is missing
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
packages=(g++ cmake ninja-build ccache libpoco-dev rapidjson-dev libyaml-cpp-dev libfmt-dev catch2 libsqlite3-dev
  libssl-dev zlib1g-dev libbenchmark-dev python3 python3-jsonschema python3-yaml curl chromium zsh
  fish groff-base clang-format clang-tidy wrk libpq-dev postgresql pgbouncer)
passed=0
failed=0
targets=()

usage() {
  sed -n '2,6s/^# \{0,1\}//p' "$root/tests/run.sh"
}

# ---- dependencies ----------------------------------------------------------------------------------------------------

install_missing() {
  if ! command -v dpkg-query >/dev/null; then
    echo "no dpkg here: taking it that these are installed: ${packages[*]}"
    return
  fi
  local missing=() package
  for package in "${packages[@]}"; do
    dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^.i' || missing+=("$package")
  done
  if ((${#missing[@]} == 0)); then
    echo "dependencies: all there"
    return
  fi
  local as_root=(env DEBIAN_FRONTEND=noninteractive)
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
      echo "missing: ${missing[*]}; run this as root, or install sudo" >&2
      exit 1
    fi
    as_root=(sudo "${as_root[@]}")
  fi
  echo "dependencies: reading package lists"
  "${as_root[@]}" apt-get update -qq || echo "dependencies: package lists are incomplete, going on" >&2
  echo "dependencies: installing ${missing[*]}"
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# ---- steps -----------------------------------------------------------------------------------------------------------

# step NAME COMMAND...: runs it quietly, shows what it said when it fails.
step() {
  local name=$1 log begin=$SECONDS
  shift
  log="$root/build/logs/${name//[^a-z0-9]/-}.log"
  mkdir -p "$root/build/logs"
  if "$@" >"$log" 2>&1; then
    echo "$name: done in $((SECONDS - begin)) s"
  else
    echo "$name: FAILED after $((SECONDS - begin)) s"
    tail -n 200 "$log"
    return 1
  fi
}

# check NAME COMMAND...: a step that counts as one test.
check() {
  if step "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

# The number that a JUnit file's first <testsuite> gives for an attribute.
junit() {
  sed -n '/<testsuite/,/>/p' "$1" | grep -o "[[:space:]]$2=\"[0-9]*\"" | head -n 1 | tr -cd '0-9'
}

# A command prefix with which programs built with a sanitizer run here: some systems randomise addresses more than
# ThreadSanitizer can bear.
sanitizer_prefix() {
  local probe=$root/build/probe-$1
  mkdir -p "$root/build"
  echo 'int main() {}' | g++ -x c++ -fsanitize="$1" -o "$probe" - || return 0
  if ! "$probe" >/dev/null 2>&1 && setarch "$(uname -m)" -R "$probe" >/dev/null 2>&1; then
    echo "setarch $(uname -m) -R"
  fi
}

# run_preset PRESET [CTEST OPTION...]: configures, builds, tests and counts.
run_preset() {
  local preset=$1 prefix=() junit_file=$root/build/$1/junit.xml
  shift
  if ! step "$preset: configure" cmake --preset "$preset"; then
    failed=$((failed + 1))
    return
  fi
  case $preset in
    asan) read -ra prefix <<<"$(sanitizer_prefix address,undefined)" ;;
    tsan) read -ra prefix <<<"$(sanitizer_prefix thread)" ;;
  esac
  if ! step "$preset: build" "${prefix[@]}" cmake --build --preset "$preset" "${targets[@]}"; then
    failed=$((failed + 1))
    return
  fi
  rm -f "$junit_file"
  local ok=true
  step "$preset: test" "${prefix[@]}" ctest --preset "$preset" --output-on-failure --output-junit "$junit_file" "$@" || ok=false
  if [[ ! -s $junit_file ]]; then
    echo "$preset: no tests were run"
    failed=$((failed + 1))
    return
  fi
  local all bad skipped disabled
  all=$(junit "$junit_file" tests)
  bad=$(junit "$junit_file" failures)
  skipped=$(junit "$junit_file" skipped)
  disabled=$(junit "$junit_file" disabled)
  passed=$((passed + all - bad - skipped - disabled))
  failed=$((failed + bad))
  # ctest may say no without naming a test, as when a test program is missing.
  if [[ $ok == false && $bad -eq 0 ]] || ((all == 0)); then failed=$((failed + 1)); fi
  echo "$preset: $all tests, $bad failed"
}

release_build() {
  cmake --preset release && cmake --build --preset release
}

# ---- checks of the text ----------------------------------------------------------------------------------------------

# Every .cc and .h, as git knows them; without git, as they lie there.
source_files() {
  if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    git ls-files --cached --others --exclude-standard '*.cc' '*.h' | while read -r file; do
      if [[ -f $file ]]; then echo "$file"; fi
    done
  else
    find . -path ./build -prune -o -path ./.git -prune -o \( -name '*.cc' -o -name '*.h' \) -print
  fi
}

check_format() {
  source_files | xargs -r clang-format --dry-run -Werror
}

# tidy_one FILE: clang-tidy, unless this very content was fine before.
tidy_one() {
  local file=$1 key
  key=$( (echo "$TIDY_BASE" && sha256sum "$file") | sha256sum | cut -d' ' -f1)
  if [[ -e build/tidy-cache/$key ]]; then return; fi
  clang-tidy -p build/tidy --quiet "$file" 2> >(grep -v 'warnings generated' >&2) && touch "build/tidy-cache/$key"
}

# clang-tidy over the product. A header may change what any file means, so all of them are in every key.
check_tidy() {
  # Only configured, for its compile commands: clang-tidy cannot read headers that g++ precompiled.
  cmake --preset dev -B build/tidy -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON > /dev/null
  mkdir -p build/tidy-cache
  TIDY_BASE=$( (clang-tidy --version && cat .clang-tidy &&
    find plan providers engine -name '*.h' | LC_ALL=C sort | xargs -r sha256sum) | sha256sum)
  export TIDY_BASE
  export -f tidy_one
  find build/tidy-cache -type f -mtime +30 -delete
  # Largest first, so that the two processes end together; only what the build knows.
  find plan providers engine -name '*.cc' -printf '%s %p\n' | sort -rn | cut -d' ' -f2- |
    while read -r file; do
      if grep -qF "\"$root/$file\"" build/tidy/compile_commands.json; then echo "$file"; fi
    done |
    xargs -r -P 2 -I{} bash -c 'set -euo pipefail; tidy_one "$1"' _ {}
}

# ---- what to do ------------------------------------------------------------------------------------------------------

mode=${1:-default}
case $mode in
  default | --quick | --nightly | --deps) ;;
  -h | --help)
    usage
    exit 0
    ;;
  *)
    usage >&2
    exit 2
    ;;
esac

install_missing
if [[ $mode == --deps ]]; then exit 0; fi

export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
limits=(--timeout 1500)
if [[ $mode == --nightly ]]; then
  limits=(--timeout 86400)
  export SLUICE_NIGHTLY=1
fi

if [[ $mode == --quick ]]; then
  run_preset dev --label-exclude '^slow$' --exclude-regex '^cli\.' "${limits[@]}"
else
  # The sanitizers run what dev would; dev is configured for clang-tidy, and built by --quick and --nightly.
  if [[ $mode == --nightly ]]; then run_preset dev "${limits[@]}"; else check "dev: configure" cmake --preset dev; fi
  run_preset asan "${limits[@]}"
  # Here the threads meet; the rest is run under tsan by --nightly.
  if [[ $mode != --nightly ]]; then
    targets=(--target test_conformance test_http)
    limits+=(--tests-regex '^(conformance.*|http)$')
  fi
  run_preset tsan "${limits[@]}"
  check "release: build" release_build
  # Random states are many: all of them without a sanitizer, which have seen a sample of them by now.
  if [[ $mode != --nightly ]]; then
    targets=(--target test_property test_simulation)
    run_preset optimized --timeout 600 --tests-regex '^(property|simulation)$'
    targets=()
  fi
  check "format" check_format
  if [[ $mode == --nightly ]]; then check "clang-tidy" check_tidy; fi
fi
if [[ $mode == --nightly ]]; then
  for script in tests/fuzz/run.sh tests/cli/run.sh tests/bench/run.sh tests/bench/renderings.sh tests/bench/scale.sh tests/bench/gateway.sh; do
    if [[ -f $script ]]; then check "$script" bash "$script"; fi
  done
fi

echo "$passed passed, $failed failed"
((failed == 0))
