#!/usr/bin/env bash
# reference-run.sh pack [ARCHIVE]: one archive with all that a reference run needs.
# reference-run.sh go OUT [--limit SECONDS] [--profile P] [--process-starts N] [--allow-software]:
#   inside the unpacked archive, on a bare, headless, offline machine: adapters, correctness of every kernel,
#   tuning, the audit with telemetry, zero against random inputs, checked against unchecked shaders, the same
#   shapes through torch where it is installed. Everything lands in OUT; at the time limit it ends with what
#   there is. Clocks, power and mode of the card stay as they are.
# Exit codes: those of tierbench (docs/exit-codes.md); 3 where no adapter can be had, with what is missing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

say() { printf '%s\n' "$*" >&2; }

# --- pack ---------------------------------------------------------------------------------------

# Libraries that an NVIDIA driver asks for and a headless machine may lack, besides Vulkan's loader.
x_libraries="libX11.so.6 libXext.so.6 libxcb.so.1 libXau.so.6 libXdmcp.so.6 libbsd.so.0 libmd.so.0"

library() { { /sbin/ldconfig -p 2>/dev/null || ldconfig -p; } | awk -v name="$1" '$1 == name && /x86-64/ && !found {print $NF; found = 1}'; }

pack() {
  local archive=${1:-target/tierbench-reference.tar.gz} root stage binary name from
  root=$(cd "$here/.." && pwd)
  binary=${TIERBENCH_BINARY:-$root/target/release/tierbench}
  [ -n "${TIERBENCH_BINARY:-}" ] || (cd "$root" && cargo build --release --locked --quiet)
  stage=$(mktemp -d)
  # shellcheck disable=SC2064 # the folder of now
  trap "rm -rf '$stage'" EXIT
  mkdir -p "$stage/tierbench/bin" "$stage/tierbench/lib"/{c,vulkan,x}
  cp "$binary" "$stage/tierbench/bin/tierbench"
  strip --strip-debug "$stage/tierbench/bin/tierbench" 2>/dev/null || true
  # The C library that it was built for, with its loader.
  ldd "$binary" | grep -o '/[^ ]*' | while read -r from; do cp -L "$from" "$stage/tierbench/lib/c/"; done
  for name in libvulkan.so.1 $x_libraries; do
    from=$(library "$name")
    [ -n "$from" ] || { say "not packed: $name is not on this machine"; continue; }
    case $name in libvulkan*) cp -L "$from" "$stage/tierbench/lib/vulkan/" ;; *) cp -L "$from" "$stage/tierbench/lib/x/" ;; esac
  done
  [ -e "$stage/tierbench/lib/vulkan/libvulkan.so.1" ] ||
    { say "no Vulkan loader here to pack; Debian, Ubuntu: apt-get install libvulkan1"; exit 3; }
  cp "$here/reference-run.sh" "$here/torch_peer.py" "$stage/tierbench/"
  (cd "$stage/tierbench" && find . -type f ! -name SHA256SUMS -exec sha256sum {} + >SHA256SUMS)
  mkdir -p "$(dirname "$archive")"
  tar -C "$stage" -czf "$archive" tierbench
  say "$archive: $(($(stat -c %s "$archive") / 1048576)) MiB; unpack it there and run tierbench/reference-run.sh go OUT"
}

# --- go -----------------------------------------------------------------------------------------

# How the program starts here: by itself, or through the loader that came along.
runner=()
find_runner() {
  local own=("$here"/lib/c/ld-linux*) extra=""
  [ -n "$(library libvulkan.so.1)" ] || extra=$here/lib/vulkan
  [ -n "$(library libX11.so.6)" ] || extra=$extra${extra:+:}$here/lib/x
  [ -z "$extra" ] || export LD_LIBRARY_PATH=$extra${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  if [ -z "${TIERBENCH_OWN_LOADER:-}" ] && "$here/bin/tierbench" --version >/dev/null 2>&1; then
    runner=("$here/bin/tierbench")
  else
    runner=("${own[0]}" --library-path "$here/lib/c${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" "$here/bin/tierbench")
  fi
  "${runner[@]}" --version >&2 || { say "the program does not start here: $(uname -srm)"; exit 1; }
}

hardware_is_here() { "${runner[@]}" list --format json 2>/dev/null | grep -q '"software": false'; }

# The driver's icd file lies where the driver's package put it, in containers often nowhere that Vulkan looks.
find_driver() {
  local out=$1 file library
  hardware_is_here && return
  for file in /usr/local/nvidia/share/vulkan/icd.d/*.json /usr/share/vulkan/icd.d/nvidia*.json /etc/vulkan/icd.d/nvidia*.json \
    /run/opengl-driver/share/vulkan/icd.d/nvidia*.json $(find /usr /opt /run -maxdepth 6 -name 'nvidia_icd*.json' 2>/dev/null); do
    [ -e "$file" ] || continue
    VK_DRIVER_FILES=$file hardware_is_here || continue
    export VK_DRIVER_FILES=$file
    say "driver file: $file"
    return
  done
  for library in libGLX_nvidia.so.0 libEGL_nvidia.so.0; do
    printf '{"file_format_version": "1.0.0", "ICD": {"library_path": "%s", "api_version": "1.3.0"}}\n' "$library" >"$out/icd.json"
    VK_DRIVER_FILES=$out/icd.json hardware_is_here || continue
    export VK_DRIVER_FILES=$out/icd.json
    say "driver library: $library, by a file of our own"
    return
  done
  rm -f "$out/icd.json"
  if [ -z "$allow_software" ]; then
    say "no hardware adapter answers. Seen here:"
    "${runner[@]}" list >&2 || true
    [ -n "$(library libGLX_nvidia.so.0)$(library libEGL_nvidia.so.0)" ] ||
      say "neither libGLX_nvidia.so.0 nor libEGL_nvidia.so.0 is there: in a container, NVIDIA_DRIVER_CAPABILITIES must hold graphics"
    say "VK_DRIVER_FILES=FILE names a driver file in an unusual place; --allow-software tries all of this without a GPU"
    exit 3
  fi
}

begin=$(date +%s)
left() { echo $((limit - ($(date +%s) - begin))); }

# step NAME NEEDED_SECONDS COMMAND...: its output in OUT/NAME.txt; skipped when too little time is left, ended at the limit.
worst=0
step() {
  local name=$1 needed=$2 code=0
  shift 2
  if [ "$(left)" -lt "$needed" ]; then
    say "$name: left out, $(left) s left and $needed needed"
    echo "$name left-out" >>"$out/steps.txt"
    return
  fi
  say "$name ($(left) s left)"
  # SIGINT first: the program keeps what it measured.
  timeout --signal=INT --kill-after=20 "$(left)" "$@" >"$out/$name.txt" 2>"$out/$name.err" || code=$?
  echo "$name $code" >>"$out/steps.txt"
  case $code in
  0) ;;
  124) say "$name: ended at its limit; what was done until then is kept" ;;
  *) say "$name: exit code $code, see $name.err" && { [ "$code" -le "$worst" ] || worst=$code; } ;;
  esac
}

go() {
  out=${1:?name a folder for the results}
  shift
  limit=520 profile=audit starts=3 allow_software=""
  while [ $# -gt 0 ]; do
    case $1 in
    --limit) limit=$2 && shift ;;
    --profile) profile=$2 && shift ;;
    --process-starts) starts=$2 && shift ;;
    --allow-software) allow_software=1 ;;
    *) say "unknown: $1" && exit 2 ;;
    esac
    shift
  done
  mkdir -p "$out"
  out=$(cd "$out" && pwd)
  : >"$out/steps.txt"
  export TIERBENCH_CACHE_DIR=$out/cache NODEVICE_SELECT=1
  (cd "$here" && sha256sum --quiet -c SHA256SUMS) || { say "the archive is damaged"; exit 1; }
  find_runner
  find_driver "$out"
  local run=("${runner[@]}" run --out "$out") shape=8192x8192x8192 turn
  [ -z "$allow_software" ] || shape=256x256x256
  { uname -a; head -1 /etc/os-release; nvidia-smi -q 2>/dev/null || echo "no nvidia-smi"; } >"$out/machine.txt" 2>&1 || true
  # What a step needs at the least, as parts of the whole time.
  local short=$((limit / 50)) long=$((limit / 9))
  step list "$short" "${runner[@]}" list --format json
  step smoke "$short" "${run[@]}" --profile smoke
  step tune "$long" timeout --signal=INT "$((limit / 4))" "${runner[@]}" tune --profile "$profile" --budget 6
  step audit "$long" "${run[@]}" --profile "$profile" --process-starts "$starts"
  # What power the inputs cost, and what run-time checks cost.
  step zeros "$short" "${run[@]}" --profile quick --workload matmul --input f16 --size "$shape" --zero-inputs
  step checked "$short" "${run[@]}" --profile quick --workload matmul --input f16 --size "$shape" --checked-shaders
  # The same shapes through torch, in turns.
  if python3 -c 'import torch; assert torch.cuda.is_available()' 2>/dev/null; then
    for turn in 1 2 3; do
      step "torch-$turn" $((2 * short)) python3 "$here/torch_peer.py" "$out/torch-$turn.json"
      step "ours-$turn" $((2 * short)) "${run[@]}" --profile quick --workload matmul --input f16 --size "$shape" \
        --workload matmul --input f32 --size "$shape" --workload attention --causal --input f16 --size 2x16x8192x128 \
        --workload bandwidth-copy --size 1073741824
    done
  else
    say "torch: not here, left out"
    echo "torch not-here" >>"$out/steps.txt"
  fi
  local records=("$out"/*/record.json)
  [ -e "${records[0]}" ] || { say "nothing was measured"; exit 7; }
  "${runner[@]}" report "${records[@]}" --html "$out/report.html" --csv "$out/figures.csv" || true
  say "done in $(($(date +%s) - begin)) s: $out"
  exit "$worst"
}

case ${1:-} in
pack) shift && pack "$@" ;;
go) shift && go "$@" ;;
*) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
esac
