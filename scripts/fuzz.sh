#!/usr/bin/env bash
# fuzz.sh TARGET [SECONDS | FILE]: libFuzzer over a target of tests/fuzz (bundle, record, imports) for so many seconds
# (600 when not said), or over one input once more. What it finds worth keeping goes to target/fuzz/corpus, an input
# that breaks something to target/fuzz/findings. Any Rust that builds this program will do, and a C++ compiler for
# libFuzzer itself: exit code 3 without one.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }
target=${1:-} what=${2:-600}
case $target in
  bundle | record | imports) ;;
  *) say "fuzz.sh: name a target: bundle, record or imports"; exit 2 ;;
esac
if ! command -v cargo >/dev/null; then
  say "fuzz.sh: no Rust toolchain: install one from https://rustup.rs"
  exit 3
fi
if ! command -v "${CXX:-c++}" >/dev/null; then
  say "fuzz.sh: no C++ compiler (${CXX:-c++}), which libFuzzer is built by: install g++ or clang, or name one in CXX"
  exit 3
fi

# Coverage as cargo-fuzz asks for it without a sanitizer, which stable Rust knows as well; traced comparisons took three
# fifths of the time and found nothing in texts. The target is named so that build scripts and macros go without it.
host=$(rustc -vV | sed -n 's/^host: //p')
flags='--cfg fuzzing -Cpasses=sancov-module'
for flag in level=4 inline-8bit-counters pc-table; do
  flags+=" -Cllvm-args=-sanitizer-coverage-$flag"
done
CARGO_TARGET_DIR=target/fuzz RUSTFLAGS=$flags cargo build --manifest-path tests/fuzz/Cargo.toml --locked --release \
  --quiet --target "$host" --bin "$target"

# Inputs are written as files: in memory, and gone afterwards.
memory=/dev/shm
[ -d "$memory" ] || memory=${TMPDIR:-/tmp}
TMPDIR=$(mktemp -d -p "$memory" tierbench-fuzz.XXXXXX)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
mkdir -p "target/fuzz/corpus/$target" "target/fuzz/findings/$target"
options=(-timeout=10 -rss_limit_mb=1024 "-artifact_prefix=target/fuzz/findings/$target/" -max_len=262144)
if [ -f "$what" ]; then
  "target/fuzz/$host/release/$target" "${options[@]}" "$what"
  exit
fi
folders=("target/fuzz/corpus/$target" "tests/fuzz/corpus/$target")
[ "$target" != imports ] || folders+=(tests/fixtures/import)
nice -n 15 "target/fuzz/$host/release/$target" "${options[@]}" "-max_total_time=$what" -print_final_stats=1 \
  "${folders[@]}"
