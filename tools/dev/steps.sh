# Reads and runs a table of steps (tools/steps.txt says what its columns are).

STEP_LOGS=build/test-logs
step_names=()
declare -A step_mode step_seconds step_command

trimmed() { local text=$1; text=${text#"${text%%[![:space:]]*}"}; echo "${text%"${text##*[![:space:]]}"}"; }

read_steps() {
  local name mode seconds rest
  while IFS='|' read -r name mode seconds rest; do
    name=$(trimmed "$name")
    [[ -z $name || $name == \#* ]] && continue
    mode=$(trimmed "$mode") seconds=$(trimmed "$seconds")
    if [[ ! $mode =~ ^(always|full)$ || ! $seconds =~ ^[0-9]+$ || -z $rest ]]; then die "$1: bad line for '$name'"; fi
    step_names+=("$name")
    step_mode[$name]=$mode step_seconds[$name]=$seconds step_command[$name]=$(trimmed "$rest")
  done <"$1"
}

list_steps() {
  local name
  for name in "${step_names[@]}"; do
    printf '%-16s %-7s limit %5s s   %s\n' "$name" "${step_mode[$name]}" "${step_seconds[$name]}" "${step_command[$name]}"
  done
}

# Runs one step in a session of its own, so that on a timeout everything that it started ends with it. That takes it out
# of Ctrl-C's reach too, so signals are passed on.
run_step() {
  local name=$1 seconds=$2 step=$3 log=$STEP_LOGS/$1.log code=0 pid
  setsid timeout --kill-after=15 "$seconds" bash -o pipefail -c "$step" >"$log" 2>&1 </dev/null &
  pid=$!
  # shellcheck disable=SC2064
  trap "kill -TERM $pid 2>/dev/null; say 'interrupted in step $name'; exit 130" INT TERM
  wait "$pid" || code=$?
  trap - INT TERM
  if [[ $code == 124 || $code == 137 ]]; then echo "step $name: over its limit of $seconds s" >>"$log"; fi
  return "$code"
}

passed=0 failed=0
report_step() {
  local name=$1 code=$2 seconds=$3
  if [[ $code == 0 ]]; then
    passed=$((passed + 1))
    printf 'ok    %-16s %6s s\n' "$name" "$seconds"
  else
    failed=$((failed + 1))
    printf 'FAIL  %-16s %6s s   %s\n' "$name" "$seconds" "$STEP_LOGS/$name.log"
    tail -n 25 "$STEP_LOGS/$name.log" | sed 's/^/      | /'
  fi
}

seconds_since() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }'; }

run_steps() {
  local full=$1 only=$2 name code started began=$EPOCHREALTIME
  mkdir -p "$STEP_LOGS"
  started=$EPOCHREALTIME code=0
  (setup test) >"$STEP_LOGS/setup.log" 2>&1 || code=$?
  report_step setup "$code" "$(seconds_since "$started")"
  for name in "${step_names[@]}"; do
    [[ -n $only && ,$only, != *,$name,* ]] && continue
    [[ ${step_mode[$name]} == full && $full == 0 ]] && continue
    started=$EPOCHREALTIME code=0
    if [[ -t 1 ]]; then printf '...   %-16s\r' "$name"; fi
    run_step "$name" "${step_seconds[$name]}" "${step_command[$name]}" || code=$?
    report_step "$name" "$code" "$(seconds_since "$started")"
  done
  echo "all steps: $(seconds_since "$began") s"
  echo "$passed passed, $failed failed"
  [[ $failed == 0 ]]
}
