# SPDX-License-Identifier: LGPL-2.1-or-later

# Sourced by tests/run.sh and examples/demo.sh: Debian packages and the build.

say() { printf '%s\n' "$*"; }
die() {
  printf '%s\n' "$*" >&2
  exit 1
}

# The packages of the groups "$@" of tests/packages.txt for this Debian.
packages_of() {
  local release
  release=$(. /etc/os-release && say "${VERSION_ID:-}")
  awk -v groups=" $* " -v release=":$release" '
    /^\[/ {
      group = substr($0, 2, length($0) - 2)
      sub(release "$", "", group)
      wanted = index(groups, " " group " ")
    }
    /^[^#[]/ && wanted' "$source_root/tests/packages.txt"
}

# Installs what is missing of the groups "$@"; asks the network for nothing where nothing is.
install_packages() {
  if ! command -v dpkg-query >/dev/null; then
    say "This is no Debian, so nothing is installed here. What is needed, by its name on Debian:"
    packages_of "$@" | paste -sd ' '
    return
  fi
  local missing
  missing=$(packages_of "$@" | while read -r package; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
      say "$package"
  done | paste -sd ' ')
  [ -n "$missing" ] || return 0

  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    as_root=(sudo)
    [ -t 0 ] || as_root=(sudo -n)
  fi
  say "Debian packages that are missing and get installed now (${as_root[*]:-as root} apt-get): $missing"
  "${as_root[@]}" true 2>/dev/null ||
    die "They cannot be installed without root. Run: apt-get install --no-install-recommends $missing"
  "${as_root[@]}" apt-get -q -o Acquire::Retries=3 update </dev/null || true
  # shellcheck disable=SC2086
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=3 \
    install --no-install-recommends $missing </dev/null ||
    die "apt-get could not install them (its reason is above). Once it can: apt-get install --no-install-recommends $missing"
}

# Configures the build folder $1 with the Meson options after $2 and compiles the target $2 (empty:
# everything). What the user chose for the folder before stays, and so does what it holds. A new one
# gets line numbers only for debugging: the rest takes the compiler a third of its time.
build_tree() {
  local folder=$1 target=$2 how=(-Ddebug=false -Dc_args=-g1 -Dcpp_args=-g1)
  shift 2
  [ ! -f "$folder/build.ninja" ] || how=(--reconfigure)
  meson setup "${how[@]}" "$@" "$folder" "$source_root" </dev/null &&
    meson compile -C "$folder" ${target:+"$target"} </dev/null
}
