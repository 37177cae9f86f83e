#!/usr/bin/env bash
# Makes sure that wgpu can find an adapter: a GPU driver, or else a software one.
# Silent when there is one. Exit code 3, as the program's own, when there is none and none can be
# installed.
set -euo pipefail

say() { printf '%s\n' "$*" >&2; }

# Metal and DX12 come with the system.
case "$(uname -s)" in Linux) ;; *) exit 0 ;; esac

has_loader() {
  PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null | grep -q 'libvulkan\.so\.1'
}

# A driver for hardware that is not there gives no adapter, so without a device node only a
# software driver counts.
has_driver() {
  local pattern='*.json' folder
  if ! compgen -G '/dev/dri/renderD*' >/dev/null && ! compgen -G '/dev/nvidia[0-9]*' >/dev/null; then
    pattern='*@(lvp|swiftshader)*.json'
  fi
  [ -n "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}" ] && return 0
  shopt -s extglob nullglob
  for folder in /usr/share /usr/local/share /etc "${XDG_DATA_HOME:-$HOME/.local/share}"; do
    # shellcheck disable=SC2206 # the pattern shall expand
    local found=("$folder"/vulkan/icd.d/$pattern)
    [ ${#found[@]} -gt 0 ] && return 0
  done
  return 1
}

has_loader && has_driver && exit 0

install="apt-get install -y --no-install-recommends libvulkan1 mesa-vulkan-drivers"
if command -v apt-get >/dev/null; then
  root=""
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
      root="sudo"
    else
      say "no Vulkan adapter here, and no right to install one; as root run:"
      say "  $install"
      exit 3
    fi
  fi
  say "no Vulkan adapter here: installing Mesa's software adapter (libvulkan1, mesa-vulkan-drivers)"
  $root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2
  $root env DEBIAN_FRONTEND=noninteractive $install -qq >&2
  exit 0
fi

say "no Vulkan adapter here; install the loader and Mesa's drivers:"
say "  Fedora:   dnf install vulkan-loader mesa-vulkan-drivers"
say "  Arch:     pacman -S vulkan-icd-loader vulkan-swrast"
say "  openSUSE: zypper install libvulkan1 libvulkan_lvp"
say "  Alpine:   apk add vulkan-loader mesa-vulkan-swrast"
exit 3
