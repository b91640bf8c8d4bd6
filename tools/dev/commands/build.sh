# Builds the server, or everything, in release or under a sanitizer
#
# usage: ./dev build [--all] [--sanitize LIST | --fuzz] [--planted-bugs] [--jobs N] [TARGET ...]
#
#   (nothing)                      irisd and irisctl into build/release/, optimised, with debug symbols
#   --all                          the tests too
#   --sanitize address,undefined   into build/asan, tests included
#   --sanitize thread              into build/tsan, tests included
#   --fuzz                         the fuzz targets into build/fuzz, by clang
#   --planted-bugs                 in build/release, the simulation once for each planted bug
#   --jobs N                       at most N compilers at once (default: the number of cores, or IRIS_JOBS)
#   TARGET                         only these, by their CMake names: ./dev build xml_test
#
# Ninja builds, ccache remembers, mold links. What is missing is installed first (./dev help setup).

source tools/dev/setup.sh
source tools/dev/build.sh

main() {
  local kind=release all=0 targets=()
  while [[ $# -gt 0 ]]; do
    case $1 in
      --all) all=1 ;;
      --sanitize | --sanitize=*)
        local list=${1#--sanitize=}
        if [[ $1 == --sanitize ]]; then
          [[ $# -gt 1 ]] || usage "--sanitize needs a list"
          list=$2
          shift
        fi
        case $list in
          address,undefined | undefined,address | address) kind=asan ;;
          thread) kind=tsan ;;
          *) usage "--sanitize takes address,undefined or thread" ;;
        esac
        ;;
      --fuzz) kind=fuzz ;;
      --planted-bugs) targets+=(planted_bugs) ;;
      --jobs) [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || usage "--jobs needs a number"; export IRIS_JOBS=$2; shift ;;
      -*) usage "unknown argument '$1'" ;;
      *) targets+=("$1") ;;
    esac
    shift
  done
  if [[ $kind == fuzz ]]; then setup test; else setup build; fi
  if [[ ${#targets[@]} -eq 0 ]]; then
    case $kind-$all in
      release-0) targets=(irisd irisctl) ;;
      fuzz-*) targets=(fuzz) ;;
      *) targets=(all) ;;
    esac
  fi
  build "$kind" "${targets[@]}"
}
