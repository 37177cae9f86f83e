# shellcheck shell=bash
# Sourced by mesa26.sh and swiftshader.sh: Debian packages without root and without touching the
# system. apt gets a configuration, lists and a cache of its own in a folder that goes away again.

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

say() { printf '%s\n' "$*" >&2; }
# The program's own code for "there is no such adapter here".
give_up() { say "${0##*/}: $*"; exit 3; }

require_debian() {
  local tool
  [ "$(uname -sm)" = "Linux x86_64" ] || give_up "this needs Linux on x86_64, and here is $(uname -sm)."
  for tool in apt-get dpkg dpkg-deb flock; do
    command -v "$tool" >/dev/null || give_up "this needs Debian's package tools, and there is no $tool here."
  done
  [ "$(dpkg --print-architecture)" = amd64 ] || give_up "this needs Debian's amd64 packages, and dpkg here is for another architecture."
  [ -r "$keyring" ] || give_up "this needs Debian's signing keys: install the package debian-archive-keyring."
}

# The mirrors that the system uses, as apt itself reads its configuration in whatever format: a
# machine may reach no other. A suite name without a dash is a main archive.
mirrors() {
  {
    apt-get update --print-uris 2>/dev/null | sed -nE "s|^'([^']+)/dists/[a-z]+/InRelease'.*|\1|p" || true
    echo http://deb.debian.org/debian
  } | awk '!seen[$0]++'
}

# private_apt FOLDER SUITE...: afterwards `papt FOLDER ...` is an apt-get that knows these suites
# only, for a system on which nothing is installed, so that it names every dependency.
# The system's apt.conf.d stays in force, for proxies; its hooks do not, as they touch the system.
private_apt() {
  local folder=$1 mirror suite
  shift
  say "reading the package lists of Debian $*"
  mkdir -p "$folder"/{lists,archives}/partial "$folder/none"
  : >"$folder/status"
  cat >"$folder/apt.conf" <<CONF
Dir::State "$folder";
Dir::State::lists "$folder/lists";
Dir::State::status "$folder/status";
Dir::Cache "$folder";
Dir::Cache::archives "$folder/archives";
Dir::Log "$folder";
Dir::Etc::sourcelist "$folder/sources.list";
Dir::Etc::sourceparts "$folder/none";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "$folder/none";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::http::Timeout "20";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Install-Pkgs;
#clear DPkg::Post-Invoke;
CONF
  for mirror in $(mirrors); do
    for suite in "$@"; do
      echo "deb [arch=amd64 target=Packages signed-by=$keyring] $mirror $suite main"
    done >"$folder/sources.list"
    papt "$folder" update && return
  done
  give_up "the package lists of Debian $* cannot be had: $(why "$folder")"
}

papt() { apt-get -c "$1/apt.conf" -qq -y "${@:2}" >"$1/log" 2>&1 </dev/null; }
# The first error of the last papt.
why() { sed -n '/^E: /{s///p;q}' "$1/log"; }

# plain_name PREFIX MORE: refuses characters that apt.conf, the Vulkan loader or MORE's user would split at.
plain_name() {
  if [[ $1 =~ [$2:\"\'\\\$] ]]; then
    give_up "the folder's name must do without white space, quotes, colons and the like: $1"
  fi
}

# fresh PREFIX KNOWN: runs `fill NEW` for a folder beside PREFIX and renames it when all is there,
# so PREFIX is whole or absent; packages.txt in it says so. One caller works, the others wait.
# Something else at PREFIX, not made of the entries KNOWN (a pattern), is left alone.
fresh() {
  local prefix=$1 known=$2 new=$1.new start=$SECONDS
  [ -s "$prefix/packages.txt" ] && return
  require_debian
  mkdir -p "$(dirname "$prefix")" 2>/dev/null || true
  [ -w "$(dirname "$prefix")" ] || give_up "$(dirname "$prefix") cannot be written."
  exec 9>>"$prefix.lock"
  flock 9
  [ -s "$prefix/packages.txt" ] && return
  if [ -e "$prefix" ] && find "$prefix" -mindepth 1 -maxdepth 1 -regextype posix-extended \
    ! -regex ".*/($known|packages\.txt)" | grep -q .; then
    give_up "$prefix holds something else: remove it or name another folder."
  fi
  rm -rf "$new"
  mkdir -p "$new"
  # shellcheck disable=SC2064 # the value of now
  trap "rm -rf '$new'" EXIT
  fill "$new"
  rm -rf "$prefix"
  mv -T "$new" "$prefix"
  say "$prefix is ready after $((SECONDS - start)) s: $(grep -m1 -E 'mesa|chromium' "$prefix/packages.txt")"
}
