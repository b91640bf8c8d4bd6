#!/usr/bin/env bash
# The simulation on seeds of chance. --smoke: a few runs; --long or IRIS_FULL=1: many; without: at least 2,000.
# BUILD: the build directory (build/release).
# IRIS_JOBS: how many runs at a time (2).
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${BUILD:-build/release}
runs=2000
[[ ${IRIS_FULL:-0} == 1 ]] && runs=20000
case "${1:-}" in
  --smoke) runs=200 ;;
  --long) runs=20000 ;;
  "") ;;
  *) echo "usage: test/sim/run.sh [--smoke|--long]" >&2; exit 2 ;;
esac
cmake --build "$build" --target iris_sim

# Side by side, each on seeds of its own: its time is simulated, so company does not disturb it.
jobs=${IRIS_JOBS:-2} pids=() failed=0
trap '[[ ${#pids[@]} == 0 ]] || kill "${pids[@]}" 2>/dev/null' EXIT
for ((job = 1; job <= jobs; ++job)); do
  "$build/test/sim/iris_sim" --runs $(((runs + jobs - 1) / jobs)) --users 50 --steps 500 >"$build/test/sim/run-$job.log" 2>&1 &
  pids+=($!)
done
for job in "${!pids[@]}"; do
  wait "${pids[job]}" || failed=1
  cat "$build/test/sim/run-$((job + 1)).log"
done
pids=()
exit "$failed"
