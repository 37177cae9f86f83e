#!/usr/bin/env bash
# mutants.sh [COUNT] [PROFILE]: so many damaged files of each kind (5000 when not said) through the program, built as
# it is released (or in another profile of cargo).
set -euo pipefail
cd "$(dirname "$0")/.."
TIERBENCH_MUTANTS=${1:-5000} cargo test --profile "${2:-release}" --locked --test mutants --test fuzz_corpus -- \
  --nocapture
