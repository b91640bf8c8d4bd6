# setup LEVEL (build, run or test): what is missing is installed, what is there is left alone. Asking dpkg takes a few
# hundredths of a second and cannot go stale, so there is no stamp for packages; npm and pip have one.

RUST_VERSION_MIN=1.88
NODE_VERSION_MIN=18.0

rust_is_good() { have cargo && have rustc && version_at_least "$(version_of rustc --version)" "$RUST_VERSION_MIN"; }
node_is_good() { have node && have npm && version_at_least "$(version_of node --version)" "$NODE_VERSION_MIN"; }

# The packages of a level that are missing, one a line.
missing_packages() {
  local level=$1 lists=(tools/packages-build.txt)
  rust_is_good || lists+=(tools/packages-rust.txt)
  if [[ $level != build ]] && ! node_is_good; then lists+=(tools/packages-node.txt); fi
  if [[ $level == test ]]; then lists+=(tools/packages-test.txt); fi
  missing_of "${lists[@]}"
}

# Of the packages in these lists those that are not installed, or older than their list asks for, one a line.
missing_of() {
  local wanted name relation least
  declare -A version=()
  wanted=$(list_lines "$@" | sort -u)
  while read -r name least; do
    version[$name]=$least
    # shellcheck disable=SC2046
  done < <(dpkg-query -W -f '${db:Status-Abbrev}${Package} ${Version}\n' $(cut -d ' ' -f 1 <<<"$wanted") 2>/dev/null |
    sed -n 's/^ii //p')
  while read -r name relation least; do
    [[ -n ${version[$name]:-} ]] || { echo "$name"; continue; }
    [[ -z $relation ]] || dpkg --compare-versions "${version[$name]}" "$relation" "$least" || echo "$name"
  done <<<"$wanted"
}

setup_packages() {
  [[ ${IRIS_SKIP_PACKAGES:-0} == 1 ]] && return
  have dpkg-query && have apt-get ||
    die "this is not a Debian system. Install what tools/packages-*.txt lists, then set IRIS_SKIP_PACKAGES=1"
  local missing
  missing=$(missing_packages "$1" | tr '\n' ' ')
  [[ -z ${missing// /} ]] && return
  if [[ $(id -u) != 0 ]]; then
    say "packages are missing and only root can install them. Run:"
    echo "  sudo apt-get update && sudo apt-get install --no-install-recommends $missing" >&2
    exit 1
  fi
  say "installing Debian packages: $missing"
  mkdir -p build
  local log=build/setup-apt.log
  export DEBIAN_FRONTEND=noninteractive
  local apt=(apt-get -q -y -o Acquire::Retries=3 -o DPkg::Lock::Timeout=600)
  # shellcheck disable=SC2086
  if ! { "${apt[@]}" update && "${apt[@]}" install --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    die "apt-get failed; its whole output is in $log"
  fi
  rust_is_good || die "the Rust on the PATH ($(version_of rustc --version)) is older than $RUST_VERSION_MIN; put a newer
     one first, or remove it so that Debian's rustc-web is found"
}

# Runs a command when the files it depends on have changed since it last succeeded.
when_changed() {
  local stamp=$1 inputs=$2 now
  shift 2
  # shellcheck disable=SC2086
  now=$(sha256sum $inputs)
  [[ -f $stamp && $(<"$stamp") == "$now" ]] && return
  "$@"
  echo "$now" >"$stamp"
}

install_npm() {
  say "installing npm packages in $1"
  (cd "$1" && npm ci --no-audit --no-fund --loglevel=error) || die "npm ci failed in $1"
}

setup_npm() {
  local folder
  for folder in "$@"; do
    [[ -f $folder/package-lock.json ]] || continue
    when_changed "$folder/node_modules/.iris-stamp" "$folder/package-lock.json" install_npm "$folder"
  done
}

# Installs the web client's package and lays out what the server serves; quick when nothing changed.
setup_web() { web/build.sh build/web || die "web/build.sh failed"; }

# Debian's own Python, whatever else stands first on the PATH: the wheels are for that version.
install_venv() {
  say "installing Python packages in .deps/venv"
  rm -rf .deps/venv
  mkdir -p .deps
  /usr/bin/python3 -m venv .deps/venv
  .deps/venv/bin/pip install -q --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    -r test/requirements.txt || die "pip failed"
}

# What the Smack tests run on, from wherever Maven gets things on this machine.
install_smack() {
  say "asking Maven for Smack"
  mkdir -p .deps/smack
  local options=(-q -B --strict-checksums -f test/interop/smack/pom.xml)
  mvn -Dstyle.color=never "${options[@]}" dependency:build-classpath -Dmdep.outputFile="$PWD/.deps/smack/classpath" >&2 || die "mvn failed"
}

setup() {
  local level=$1
  setup_packages "$level"
  if [[ $level != build ]]; then setup_web; fi
  if [[ $level == test ]]; then
    setup_npm test/*/
    when_changed .deps/venv/.iris-stamp test/requirements.txt install_venv
    when_changed .deps/smack/.iris-stamp test/interop/smack/pom.xml install_smack
  fi
}
