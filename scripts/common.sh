# What the scripts share: Debian packages, the toolchain, the release build. To be sourced by bash.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Exit code when something is missing that the user has to install: the one of thoth itself.
readonly not_configured=6

say() { printf '%s\n' "$*" >&2; }

# fail CODE SENTENCE
fail() {
  say "$2"
  exit "$1"
}

# quietly WHAT COMMAND...: says WHAT, and shows what COMMAND wrote only if it fails; returns its exit code.
quietly() (
  say "$1"
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  "${@:2}" </dev/null >"$log" 2>&1 && exit
  code=$?
  cat "$log" >&2
  exit "$code"
)

# The packages of the groups named, one a line.
packages_of() {
  local group
  for group; do
    awk -v group="$group" '
      { sub(/#.*/, ""); count = split($1, groups, ",")
        for (i = 1; i <= count; i++) if (groups[i] == group) print $2 }' "$root/scripts/packages"
  done | sort -u
}

missing_packages() {
  local package
  for package in $(packages_of "$@"); do
    [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
      echo "$package"
  done
}

# apt-get, quiet unless it fails, waiting while another one works. It does not wait for the lists by itself: hence
# the loop.
apt_get() (
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  until "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 "$@" \
    </dev/null >"$log" 2>&1; do
    grep -q 'Could not get lock' "$log" || { cat "$log" >&2 && exit 1; }
    sleep 2
  done
)

# install_packages GROUP...: installs what is missing of the groups, or says the command and ends.
install_packages() {
  command -v dpkg-query >/dev/null ||
    fail $not_configured "This is no Debian: install what $(echo $(packages_of "$@")) are called here, by hand."
  local missing command as_root=()
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  command="apt-get install --no-install-recommends ${missing[*]}"
  if ((EUID != 0)); then
    command="sudo $command"
    command -v sudo >/dev/null || fail $not_configured "Packages are missing. As root, run: ${command#sudo }"
    as_root=(sudo)
  fi
  say "Installing ${missing[*]}"
  apt_get update || true # the lists that are there may do
  apt_get install --yes --no-install-recommends "${missing[@]}" ||
    fail $not_configured "The packages cannot be installed. Mend that, or run: $command"
}

# check_toolchain: ends unless there is a Swift that can build the package.
check_toolchain() {
  local needed version where="get it at https://www.swift.org/install/linux/ and put it into PATH"
  needed=$(sed -n 's/^.*swift-tools-version: *//p' "$root/Package.swift")
  command -v swift >/dev/null ||
    fail $not_configured "The Swift toolchain is missing, and Debian has none: $where (Swift $needed or newer)."
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p')
  printf '%s\n' "$needed" "$version" | sort --check=quiet --version-sort ||
    fail $not_configured "Swift ${version:-of unknown version} is too old: $where (Swift $needed or newer)."
}

# build_release: the programs, in .build/release.
build_release() {
  local what="Building (some minutes the first time)" product
  [[ -x $root/.build/release/thoth ]] && what="Building"
  for product in thothd thoth-media thoth; do
    quietly "$what $product" swift build --package-path "$root" -c release --static-swift-stdlib \
      --product "$product" || fail 1 "The build failed; what the compiler said is above."
  done
}
