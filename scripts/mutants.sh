#!/usr/bin/env bash
# mutants.sh [COUNT]: so many damaged files of each kind (5000 when not said) through the program as it is released.
set -euo pipefail
cd "$(dirname "$0")/.."
TIERBENCH_MUTANTS=${1:-5000} cargo test --release --locked --test mutants -- --nocapture
