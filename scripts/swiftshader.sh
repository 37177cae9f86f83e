#!/usr/bin/env bash
# swiftshader.sh [PREFIX]: the software adapter SwiftShader, as Debian 12's Chromium ships it, in a
# private folder: no root, nothing of the system changes. It has subgroups of 4 and no f16, which
# other adapters here do not show. Prints the export that uses it:  eval "$(scripts/swiftshader.sh)"
# Exit code 3 when it cannot be had here.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/private-apt.sh
. "$here/private-apt.sh"

prefix=$(realpath -m "${1:-$here/../target/adapters/swiftshader}")

fill() {
  local new=$1 apt=$1/apt
  # Not the security suite: its packages vanish from the mirror with each update, and nothing here
  # opens a web page.
  private_apt "$apt" bookworm
  say "downloading chromium-common (32 MB) for SwiftShader"
  # Into the working folder, and without its hundred dependencies.
  (cd "$apt" && papt "$apt" download chromium-common) ||
    give_up "SwiftShader cannot be had from Debian bookworm: $(why "$apt")"
  dpkg-deb --fsys-tarfile "$apt"/chromium-common_*.deb |
    tar -x -C "$new" --strip-components=4 --no-same-owner --wildcards \
      '*/libvk_swiftshader.so' '*/vk_swiftshader_icd.json' ||
    give_up "chromium-common no longer holds SwiftShader."
  # shellcheck disable=SC2016 # dpkg's own variables
  dpkg-deb -W --showformat '${Package} ${Version}\n' "$apt"/chromium-common_*.deb >"$apt/packages.txt"
  mv "$apt/packages.txt" "$new/"
  rm -rf "$apt"
}

plain_name "$prefix" ''
fresh "$prefix" 'libvk_swiftshader\.so|vk_swiftshader_icd\.json'
# The driver's file names the library relative to itself.
printf 'export VK_DRIVER_FILES=%q\n' "$prefix/vk_swiftshader_icd.json"
