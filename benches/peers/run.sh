#!/usr/bin/env bash
# run.sh [ARGUMENTS]: sets up what the peers need, builds, and compares; `run.sh --help` lists the
# arguments. VK_DRIVER_FILES picks the driver, TIERBENCH_RUNNER starts the measured programs:
#   eval "$(scripts/mesa26.sh)" && benches/peers/run.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target/peers}
venv=$root/target/peers-venv
# Without a desktop, Mesa's device-select layer looks for one and complains.
[ -n "${XDG_RUNTIME_DIR:-}" ] || export NODEVICE_SELECT=1

# A Python that the packages of requirements.txt exist for.
find_python() {
  local python
  for python in "${PYTHON:-python3}" python3.13 python3.12 python3.11 /usr/bin/python3; do
    if "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$python"
      return
    fi
  done
  echo "run.sh: no Python 3.11 or newer with venv and ensurepip (Debian: python3-venv); set PYTHON" >&2
  return 1
}

# The system's packages stay visible: torch with CUDA comes from there, if at all.
if ! cmp -s "$here/requirements.txt" "$venv/installed.txt"; then
  rm -rf "$venv"
  "$(find_python)" -m venv --system-site-packages "$venv"
  if "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --retries 1 --timeout 30 \
    -r "$here/requirements.txt"; then
    cp "$here/requirements.txt" "$venv/installed.txt"
  else
    echo "run.sh: pip failed; peers whose packages are missing are reported as unsupported" >&2
  fi
fi

if command -v cargo >/dev/null; then
  CARGO_TARGET_DIR=$target cargo build --release --locked --quiet --manifest-path "$here/Cargo.toml" \
    ${PEERS_FEATURES:+--features "$PEERS_FEATURES"}
elif [ ! -x "$target/release/tierbench-peers" ]; then
  echo "run.sh: no cargo and no $target/release/tierbench-peers: install Rust from https://rustup.rs" >&2
  exit 1
fi

# A loader with arguments, split at white space like Cargo's runner.
# shellcheck disable=SC2086
exec ${TIERBENCH_RUNNER:-} "$target/release/tierbench-peers" \
  --python "$venv/bin/python" --script "$here/python_peers.py" "$@"
