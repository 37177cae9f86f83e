#!/usr/bin/env bash
# import-clpeak.sh [PROGRAM]: Debian's clpeak on Debian's pocl, an OpenCL for the CPU, and its text and XML through
# `PROGRAM import` (default: the debug build). Installs both packages where it may. Exit code 3 when they cannot be had.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }
give_up() { say "import-clpeak.sh: $*"; exit 3; }
fail() { say "!! $*"; exit 1; }

if [ $# -gt 0 ]; then program=$1; else
  cargo build --locked --quiet
  program=target/debug/tierbench
fi
if ! command -v clpeak >/dev/null || ! compgen -G '/etc/OpenCL/vendors/pocl*.icd' >/dev/null; then
  if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
    give_up "install clpeak and pocl-opencl-icd; Debian has both, and root can let this script do it."
  fi
  apt-get update -qq >/dev/null || true
  apt-get install -y -qq --no-install-recommends clpeak pocl-opencl-icd >/dev/null ||
    give_up "clpeak and pocl-opencl-icd cannot be installed here."
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# pocl alone, whatever else is installed; its cache stays out of the user's.
OCL_ICD_FILENAMES=$(compgen -G '/etc/OpenCL/vendors/pocl*.icd' | head -n 1)
export OCL_ICD_VENDORS=$OCL_ICD_FILENAMES POCL_CACHE_DIR=$work/cache
unset OCL_ICD_FILENAMES
clpeak --global-bandwidth --compute-sp --compute-integer --transfer-bandwidth --kernel-latency \
  --xml-file "$work/cpu.xml" >"$work/cpu.txt" || give_up "clpeak does not run here: $(tail -n 1 "$work/cpu.txt")"

# count FILE PATTERN: lines of the import's JSON that have it.
count() {
  "$program" import "$work/$1" --out "$work/out" --format json >"$work/$1.json" 2>"$work/$1.err" ||
    fail "$1 is refused: $(cat "$work/$1.err")"
  grep -c -- "$2" "$work/$1.json" || true
}

for form in txt xml; do
  # What the CPU did is kept and never counts.
  [ "$(count "cpu.$form" '"counts": true')" = 0 ] || fail "cpu.$form: a figure of the CPU counts"
  kept=$(count "cpu.$form" 'on the CPU')
  [ "$kept" -ge 10 ] || fail "cpu.$form: $kept figures are kept as the CPU's, fewer than 10"
  # The same under a GPU's name: bandwidth, fp32 and integers of five widths each count.
  sed -E 's/(Device: |device name=")[^"]*/\1NVIDIA GeForce RTX 3060/; s/Portable Computing Language/NVIDIA CUDA/' \
    "$work/cpu.$form" >"$work/gpu.$form"
  counted=$(count "gpu.$form" '"counts": true')
  [ "$counted" = 15 ] || fail "gpu.$form: $counted figures count instead of 15"
  say "$form: $kept figures of the CPU kept, 15 count under a GPU's name"
done
