#!/usr/bin/env bash
# run.sh [check]: what Mesa's hardware drivers make of every kernel, without a GPU. Sets up the drivers,
# builds, compiles on all of them, two at a time, and prints how that compares with limits.toml.
# Without `check` it also prints what changed and writes results/compilers/. COMPILERS_CODE=FOLDER keeps all code.
# Exit codes: 0 all holds, 1 a limit is broken or something does not compile, 3 the drivers cannot be had.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target/compilers}
results=$root/results/compilers
drivers="nvk:172 nvk:162 radv:vega20 radv:navi21 radv:navi31 radv:gfx1201 asahi tu"

on=$("$root/scripts/gpu-drivers.sh") || exit $?
CARGO_TARGET_DIR=$target cargo build --release --locked --quiet --manifest-path "$here/Cargo.toml"
program=$target/release/tierbench-compilers
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

one() { # DRIVER
  local name=${1/:/-} start=$SECONDS code=139 tries=0
  # A compiler that crashes ends the program; started again, it goes on behind that kernel.
  while [ "$code" -ge 128 ] && [ "$tries" -lt 20 ]; do
    tries=$((tries + 1)) code=0
    # Apple's compiler tells its final code in no other way than printing it.
    AGX_MESA_DEBUG=shaders "$on" "$1" "$program" measure --driver "$1" --out "$work/$name.json" \
      ${COMPILERS_CODE:+--code "$COMPILERS_CODE/$name"} >>"$work/$name.log" 2>&1 || code=$?
  done
  [ "$code" -eq 0 ] || { printf '!! %s: exit code %s\n' "$1" "$code" >&2; tail -n 20 "$work/$name.log" >&2; return 1; }
  printf '%s: %s s\n' "$1" "$((SECONDS - start))" >&2
}
export -f one
export on program work
# shellcheck disable=SC2086 # a list of words
printf '%s\n' $drivers | xargs -P 2 -I{} bash -c 'one {}' || { echo "run.sh: a driver gave up" >&2; exit 1; }

reports=()
for driver in $drivers; do reports+=("$work/${driver/:/-}.json"); done
if [ "${1:-}" != check ]; then
  mkdir -p "$results"
  "$program" diff --before "$results" "${reports[@]}"
  cp "${reports[@]}" "$results/"
  "$program" table "${reports[@]}" | tee "$results/table.md"
fi
"$program" check --limits "$here/limits.toml" "${reports[@]}"
