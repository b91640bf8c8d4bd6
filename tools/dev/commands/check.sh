# The fast check before a commit
#
# usage: ./dev check
#
# Layout (clang-format), lint (clang-tidy: names, common mistakes) of the files that you have changed, the house rules
# (tools/tidy), the unit tests, and a short simulation. Under five minutes after a first build. A failure does not stop
# what comes behind it.

source tools/dev/setup.sh
source tools/dev/steps.sh
source tools/dev/changed.sh

check_lint() {
  local files
  mapfile -t files < <(changed_sources | grep '^src/.*\.cc$' || true)
  if [[ ${#files[@]} -eq 0 ]]; then echo "no file to look at"; return; fi
  # clang 16 knows C++23 by its older name only.
  mkdir -p build/lint
  sed 's/-std=c++23/-std=c++2b/g' build/release/compile_commands.json >build/lint/compile_commands.json
  printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(jobs_wanted)" clang-tidy-16 --quiet -p build/lint
}

# A step that is a function here, or a command line.
check_step() {
  local name=$1 code=0 started=$EPOCHREALTIME
  shift
  ("$@") >"$STEP_LOGS/$name.log" 2>&1 || code=$?
  report_step "$name" "$code" "$(seconds_since "$started")"
}

main() {
  [[ $# -eq 0 ]] || usage "unknown argument '$1'"
  STEP_LOGS=build/check-logs
  mkdir -p "$STEP_LOGS"
  setup test
  check_step format ./dev format --check
  check_step tidy tools/tidy
  check_step build ./dev build --all
  check_step lint check_lint
  check_step unit tools/dev/ctest.sh release unit
  check_step simulation test/sim/run.sh --smoke
  echo "$passed passed, $failed failed"
  [[ $failed == 0 ]]
}
