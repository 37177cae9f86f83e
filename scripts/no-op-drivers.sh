#!/usr/bin/env bash
# no-op-drivers.sh [KIND...]: on drivers that execute nothing (scripts/gpu-drivers.sh) the program must give no figure
# at all, end with the exit code that docs/exit-codes.md names, and never by a panic or a signal, but for one quirk of
# the interface itself (below).
# TIERBENCH names the program (default: a release build; in a debug one an assertion of wgpu ends every submission).
# Exit code 1 where that does not hold, 3 without drivers.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.."
on=$("$here/gpu-drivers.sh") || exit $?
if [ -z "${TIERBENCH:-}" ]; then
  cargo build --release --locked --quiet
  TIERBENCH=${CARGO_TARGET_DIR:-target}/release/tierbench
fi
[ $# -gt 0 ] || set -- nvk:172 radv:navi31 radv:vega20 asahi tu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

bad() { failed=1; printf '!! %s\n' "$*" >&2; }

# expect KIND CODES ARGUMENTS...: CODES are those that may be, with | between.
expect() {
  local kind=$1 codes=$2 code=0 log=$work/log
  shift 2
  XDG_CACHE_HOME=$work/cache timeout 300 "$on" "$kind" "$TIERBENCH" "$@" >"$log" 2>&1 </dev/null || code=$?
  printf '%-12s %-24s exit code %s\n' "$kind" "$1 ${2:-}" "$code"
  [[ "|$codes|" == *"|$code|"* ]] || { bad "$kind $1: exit code $code, not $codes"; tail -n 15 "$log" >&2; }
  ! grep -aiE 'panicked|stack backtrace|RUST_BACKTRACE' "$log" >&2 || bad "$kind $1: a panic"
}

for kind; do
  rm -rf "$work/out" "$work/cache"
  expect "$kind" 0 list
  expect "$kind" 6 run --profile smoke --out "$work/out"
  # A record may be there and say what failed; a rate may not.
  if grep -rqaE '"(ops_per_s|bytes_per_s)": *[0-9]' "$work/out" 2>/dev/null; then bad "$kind run: a figure"; fi
  if grep -qaE '[0-9] ?[kMGT]?(FLOP|OP|B)/s' "$work/log"; then bad "$kind run: a figure is printed"; fi
  # Quirk of Mesa 26.1's no-op interface for amdgpu: its 4 GiB of memory are never given back once mapped (each read
  # of a result maps a new block of 128 MiB, unmaps and frees it). Then GEM_CREATE fails without a handle and the
  # GEM_MMAP behind it reads a null pointer in the shim's own ioctl. `check` and `tune` read that many results;
  # real drivers get their memory back.
  case $kind in radv:*) spent='|139' ;; *) spent= ;; esac
  expect "$kind" "5$spent" check
  expect "$kind" "6$spent" tune --profile smoke
  if [ -d "$work/cache" ] && find "$work/cache" -type f -name '*.json' | grep -q .; then bad "$kind tune: kept a choice"; fi
done
exit "$failed"
