# Runs every proof, step by step
#
# usage: ./dev test [--full] [--only NAME[,NAME...]] [--list]
#
#   --full        the long runs too: thread sanitizer, more seeds, more rounds
#   --only NAMES  these steps alone
#   --list        the steps with their time limits, and runs nothing
#
# Installs what is missing, then runs the steps of tools/steps.txt in order. Each has a time limit, a line here with its
# seconds, and its output in build/test-logs/NAME.log; the end of it is shown when it fails. A failure does not stop the
# steps behind it. The last line is `N passed, N failed`; the exit code is 0 if none failed.

source tools/dev/setup.sh
source tools/dev/steps.sh

main() {
  local full=0 only="" list=0
  while [[ $# -gt 0 ]]; do
    case $1 in
      --full) full=1 ;;
      --only) [[ -n ${2:-} ]] || usage "--only needs a name"; only+=",$2"; shift ;;
      --list) list=1 ;;
      *) usage "unknown argument '$1'" ;;
    esac
    shift
  done
  read_steps tools/steps.txt
  local name
  for name in ${only//,/ }; do
    [[ -n ${step_command[$name]:-} ]] || usage "there is no step '$name'; './dev test --list' shows them"
    # Whoever names a step wants it.
    step_mode[$name]=always
  done
  if [[ $list == 1 ]]; then list_steps; return; fi
  export IRIS_FULL=$full
  run_steps "$full" "$only"
}
