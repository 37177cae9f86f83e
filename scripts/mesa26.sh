#!/usr/bin/env bash
# mesa26.sh [PREFIX]: Mesa 26's software adapter (lavapipe, with cooperative matrices) from
# Debian's trixie-backports in a private folder: no root, nothing of the system changes.
# Prints the exports that use it:  eval "$(scripts/mesa26.sh)" && $TIERBENCH_RUNNER PROGRAM
# Exit code 3 when it cannot be had here.
#
# Mesa 26 needs a newer C library than Debian 12 has, and a process can have only one. So the folder
# has its own C library and loader, and a program is started *through that loader*.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/private-apt.sh
. "$here/private-apt.sh"

prefix=$(realpath -m "${1:-$here/../target/adapters/mesa26}")
suite=trixie-backports
libraries=usr/lib/x86_64-linux-gnu
loader=usr/lib64/ld-linux-x86-64.so.2

fill() {
  local new=$1 apt=$1/apt package
  private_apt "$apt" trixie "$suite"
  say "downloading Mesa and what it needs (63 MB)"
  papt "$apt" install --download-only -t "$suite" mesa-vulkan-drivers libvulkan1 ||
    give_up "Mesa cannot be had from Debian $suite: $(why "$apt")"
  for package in "$apt"/archives/*.deb; do dpkg-deb -x "$package" "$new"; done
  # shellcheck disable=SC2016 # dpkg's own variables
  for package in "$apt"/archives/*.deb; do
    dpkg-deb -W --showformat '${Package} ${Version}\n' "$package"
  done >"$apt/packages.txt"
  check_version "$apt/packages.txt"
  trim "$new"
  check_loads "$new"
  mv "$apt/packages.txt" "$new/"
  rm -rf "$apt"
}

check_version() {
  local version
  version=$(sed -n 's/^mesa-vulkan-drivers //p' "$1")
  dpkg --compare-versions "$version" ge 26 || give_up "Debian $suite has Mesa $version, older than 26."
}

# Half of it are drivers for hardware, character sets and documentation.
trim() {
  (
    cd "$1"
    rm -rf etc usr/bin usr/share "$libraries/gconv" "$libraries"/libVkLayer_*
    find "$libraries" -name 'libvulkan_*.so' ! -name libvulkan_lvp.so -delete
  )
}

# A library that is missing here would come from the system, built for another C library.
check_loads() {
  local lib=$1/$libraries foreign
  foreign=$("$1/$loader" --inhibit-cache --library-path "$lib" --list "$lib/libvulkan_lvp.so" 2>&1) ||
    give_up "the unpacked Mesa does not start here: ${foreign##*$'\n'}"
  foreign=$(grep -F '=>' <<<"$foreign" | grep -vF "=> $lib/" || true)
  [ -z "$foreign" ] || give_up "the unpacked Mesa lacks$(awk '{printf " %s", $1}' <<<"$foreign")."
}

# Debian's own file names the library without a folder. Written again when PREFIX has moved.
write_icd() {
  local icd=$prefix/lvp_icd.json library=$prefix/$libraries/libvulkan_lvp.so
  grep -qsF "\"$library\"" "$icd" && return
  printf '{"file_format_version": "1.0.1", "ICD": {"library_path": "%s", "api_version": "1.4.0"}}\n' \
    "$library" >"$icd.$$"
  mv "$icd.$$" "$icd"
}

# Cargo splits its runner at white space, with no way to quote it.
plain_name "$prefix" '[:space:]'
fresh "$prefix" 'usr|lvp_icd\.json.*'
write_icd
printf 'export VK_DRIVER_FILES="%s"\n' "$prefix/lvp_icd.json"
printf 'export TIERBENCH_RUNNER="%s --library-path %s"\n' "$prefix/$loader" "$prefix/$libraries"
