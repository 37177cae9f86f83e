#!/usr/bin/env bash
# test-adapters.sh [COMMAND...]: runs COMMAND (default: the GPU tests) on each software adapter, one
# after the other: the system's lavapipe, Mesa 26's (cooperative matrices) and SwiftShader (subgroups
# of 4, no f16). Ends with a table; exit code 1 when one FAILED. One that cannot be had is skipped.
# A test that starts the program itself must put $TIERBENCH_TEST_RUNNER, where set, in front of it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.."
logs=target/adapters
mkdir -p "$logs"

if [ $# -eq 0 ]; then
  if cargo nextest --version >/dev/null 2>&1; then
    set -- cargo nextest run --locked -E 'binary(/^gpu/)'
  else
    set -- cargo test --locked --test 'gpu*'
  fi
fi

table=() failed=0
note() { # NAME STATE WHY
  table+=("$(printf '%-14s %-8s %s' "$@")")
  [ "$2" != skipped ] || printf '\n!! %s SKIPPED, so it proves nothing there: %s\n' "$1" "$3" >&2
}

# try NAME EXPORTS COMMAND...: with the environment that EXPORTS sets up, in a shell of its own.
try() {
  local name=$1 exports=$2 log=$logs/$1.log start=$SECONDS code=0
  shift 2
  printf '== %s: %s\n' "$name" "$*" >&2
  (
    # What the caller chose for one adapter would be wrong for the next. A display server's choice
    # of a device is none here, and the layer that makes it belongs to the system's libraries.
    unset VK_ICD_FILENAMES VK_ADD_DRIVER_FILES TIERBENCH_TEST_ADAPTER TIERBENCH_TEST_RUNNER TIERBENCH_RUNNER
    # At 512 bits Mesa 26 names cooperative matrices and crashes when it compiles a kernel with them.
    unset LP_NATIVE_VECTOR_WIDTH
    export NODEVICE_SELECT=1
    eval "$exports"
    if [ -n "${TIERBENCH_RUNNER:-}" ]; then
      # Cargo starts every test through the private loader, and a test its children.
      export CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER=$TIERBENCH_RUNNER
      export TIERBENCH_TEST_RUNNER=$TIERBENCH_RUNNER
    fi
    exec "$@"
  ) >"$log" 2>&1 </dev/null || code=$?
  if [ "$code" -eq 0 ]; then
    note "$name" ran "$(summary "$log")$((SECONDS - start)) s"
  else
    failed=1
    note "$name" FAILED "exit code $code after $((SECONDS - start)) s, see $log"
    printf '!! %s FAILED, the end of %s:\n' "$name" "$log" >&2
    tail -n 40 "$log" >&2
  fi
}

# The test runner's own closing line, where there is one.
summary() {
  { grep -aE '^(     Summary|test result:)' "$1" | tail -n 1 | sed -E 's/\x1b\[[0-9;]*m//g; s/^ *//; s/$/, /'; } || true
}

# prepared NAME SCRIPT COMMAND...: a script that prints exports, and exits with 3 where it cannot.
prepared() {
  local name=$1 script=$2 exports code=0 words=$logs/$1.setup
  shift 2
  exports=$("$script" 2>"$words") || code=$?
  cat "$words" >&2
  case $code in
    0) try "$name" "$exports" "$@" ;;
    3) note "$name" skipped "$(tail -n 1 "$words")" ;;
    *) failed=1 && note "$name" FAILED "$script ended with exit code $code" ;;
  esac
}

system=$(compgen -G '/usr/share/vulkan/icd.d/lvp_icd.*.json' | head -n 1 || true)
if [ -n "$system" ]; then
  try system "export VK_DRIVER_FILES=$system" "$@"
else
  note system skipped "no lavapipe in /usr/share/vulkan/icd.d: install mesa-vulkan-drivers"
fi
prepared mesa26 "$here/mesa26.sh" "$@"
prepared swiftshader "$here/swiftshader.sh" "$@"

printf '\n%-14s %-8s %s\n' adapter state why
printf '%s\n' "${table[@]}"
exit "$failed"
