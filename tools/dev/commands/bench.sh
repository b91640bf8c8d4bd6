# Measures Iris beside ejabberd and Prosody
#
# usage: ./dev bench [--quick] [--servers NAMES] [--cells NAMES] [--rounds N] [--results DIR]
#
#   --quick          Iris alone, every workload, small, in under three minutes: whether the generator works, no timing
#   --servers NAMES  only these, with commas between: iris, ejabberd, ejabberd-sql, prosody
#   --cells NAMES    only the cells whose names begin so: chat, login, idle, storm, offline, archive, ...
#   --rounds N       how often each cell is run (default: 3)
#   --results DIR    where the raw results go, a line of JSON each (default: build/bench)
#
# Each cell is one workload against one server, freshly started with empty data in /var/tmp/iris-bench, and has a time
# limit. The servers take turns within a cell. What is in DIR/results.jsonl is not run again: an interrupted run goes on
# where it was. The peers come from Debian: ejabberd, erlang-p1-sqlite3, prosody; they and their ports are on loopback.
# Needs a quiet machine, and root, because of the peers' users and of 100,000 open files.

source tools/dev/setup.sh
source tools/dev/build.sh

# A package that starts its server when it is installed must not: it would hold the ports that people use.
bench_packages() {
  local missing
  missing=$(missing_of tools/packages-bench.txt | tr '\n' ' ')
  [[ -z ${missing// /} ]] && return
  [[ $(id -u) == 0 ]] || die "packages are missing and only root can install them: $missing"
  say "installing Debian packages: $missing"
  # shellcheck disable=SC2086
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends $missing >build/bench-apt.log 2>&1 ||
    die "apt-get failed; its whole output is in build/bench-apt.log"
}

main() {
  local arguments=() quick=0
  while [[ $# -gt 0 ]]; do
    case $1 in
      --quick) quick=1; arguments+=("$1") ;;
      --servers | --cells | --rounds) [[ -n ${2:-} ]] || usage "$1 needs a value"; arguments+=("$1" "$2"); shift ;;
      --results) [[ -n ${2:-} ]] || usage "$1 needs a folder"; arguments+=("$1" "$(caller_path "$2")"); shift ;;
      *) usage "unknown argument '$1'" ;;
    esac
    shift
  done
  if [[ ! -x build/release/iris-bench || ! -x build/release/irisd ]]; then setup build; fi
  build release irisd irisctl iris-bench >&2
  if [[ $quick == 1 ]]; then
    local folder
    folder=$(mktemp -d)
    # shellcheck disable=SC2064
    trap "rm -rf '$folder'" EXIT
    python3 bench/run.py "${arguments[@]}" --folder "$folder"
    return
  fi
  bench_packages
  python3 bench/run.py "${arguments[@]}"
}
