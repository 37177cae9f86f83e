#!/usr/bin/env bash
# gpu-drivers.sh [PREFIX]: Mesa's hardware drivers on its no-op kernel interface (mesa-drm-shim), from
# Debian's trixie-backports in a private folder: no root, nothing of the system changes. They list a
# GPU that is not here, tell its limits and compile for it; nothing is executed.
# Prints the launcher, which starts a program on one of them:  "$(scripts/gpu-drivers.sh)" KIND PROGRAM...
# Exit code 3 when they cannot be had here.
#
# As in mesa26.sh the folder has a C library and a loader of its own. It may be moved.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/private-apt.sh
. "$here/private-apt.sh"

prefix=$(realpath -m "${1:-$here/../target/adapters/gpu-drivers}")
suite=trixie-backports
libraries=usr/lib/x86_64-linux-gnu
loader=usr/lib64/ld-linux-x86-64.so.2
drivers="nouveau radeon asahi freedreno"
shims="nouveau amdgpu asahi freedreno"

fill() {
  local new=$1 apt=$1/apt package driver
  private_apt "$apt" trixie "$suite"
  say "downloading Mesa's drivers and what they need (63 MB)"
  papt "$apt" install --download-only -t "$suite" mesa-drm-shim mesa-vulkan-drivers libvulkan1 ||
    give_up "Mesa's drivers cannot be had from Debian $suite: $(why "$apt")"
  for package in "$apt"/archives/*.deb; do dpkg-deb -x "$package" "$new"; done
  # shellcheck disable=SC2016 # dpkg's own variables
  for package in "$apt"/archives/*.deb; do
    dpkg-deb -W --showformat '${Package} ${Version}\n' "$package"
  done >"$apt/packages.txt"
  trim "$new"
  check_loads "$new"
  for driver in $drivers; do
    # A relative path counts from the file that names it.
    printf '{"file_format_version": "1.0.1", "ICD": {"library_path": "./%s/libvulkan_%s.so", "api_version": "1.4.0"}}\n' \
      "$libraries" "$driver" >"$new/$driver.json"
  done
  launcher "$new/on"
  mv "$apt/packages.txt" "$new/"
  rm -rf "$apt"
}

# Other drivers, layers, character sets and documentation.
trim() {
  local driver keep=()
  for driver in $drivers; do keep+=(! -name "libvulkan_$driver.so"); done
  (
    cd "$1"
    rm -rf etc usr/bin usr/sbin usr/share "$libraries/gconv" "$libraries"/libVkLayer_*
    find "$libraries" -name 'libvulkan_*.so' "${keep[@]}" -delete
  )
}

# A library that is missing here would come from the system, built for another C library.
check_loads() {
  local lib=$1/$libraries file foreign
  for file in $(printf 'libvulkan_%s.so ' $drivers) $(printf 'lib%s_noop_drm_shim.so ' $shims); do
    foreign=$("$1/$loader" --inhibit-cache --library-path "$lib" --list "$lib/$file" 2>&1) ||
      give_up "the unpacked $file does not start here: ${foreign##*$'\n'}"
    foreign=$(grep -F '=>' <<<"$foreign" | grep -vF "=> $lib/" || true)
    [ -z "$foreign" ] || give_up "the unpacked $file lacks$(awk '{printf " %s", $1}' <<<"$foreign")."
  done
}

launcher() {
  cat >"$1" <<'ON'
#!/usr/bin/env bash
# on KIND PROGRAM...: starts a program on a driver without its GPU: nvk:172 (Ampere), nvk:162 (Turing),
# radv:navi31|navi21|gfx1201|vega20, asahi (Apple M1), tu (Adreno 750). Other chips of nvk and radv by
# the names that the drivers know.
set -eu
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
lib=$here/usr/lib/x86_64-linux-gnu
kind=${1:?on KIND PROGRAM...}
shift
case $kind in
  nvk:*) export NOUVEAU_CHIPSET=${kind#*:} NVK_I_WANT_A_BROKEN_VULKAN_DRIVER=1; icd=nouveau shim=nouveau ;;
  radv:*) export AMDGPU_GPU_ID=${kind#*:}; icd=radeon shim=amdgpu ;;
  asahi) icd=asahi shim=asahi ;;
  tu) export FD_GPU_ID=750; icd=freedreno shim=freedreno ;;
  *) echo "on: unknown kind of driver: $kind" >&2; exit 2 ;;
esac
unset VK_ICD_FILENAMES VK_ADD_DRIVER_FILES VK_INSTANCE_LAYERS VK_LOADER_LAYERS_ENABLE
# What a cache holds was not compiled now.
export VK_DRIVER_FILES=$here/$icd.json NODEVICE_SELECT=1 MESA_SHADER_CACHE_DISABLE=1
export XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/tmp}
exec "$here/usr/lib64/ld-linux-x86-64.so.2" --preload "$lib/lib${shim}_noop_drm_shim.so" \
  --library-path "$lib" "$@"
ON
  chmod +x "$1"
}

plain_name "$prefix" '[:space:];'
fresh "$prefix" 'usr|on|[a-z]+\.json'
echo "$prefix/on"
