#!/usr/bin/env bash
# Each planted bug is built into a simulation of its own and must be found, on seeds of chance. BUILD: build/release.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${BUILD:-build/release}
cmake --build "$build" --target planted_bugs
found=0 missed=0
for program in "$build"/test/sim/iris_sim_bug_*; do
  name=${program##*_bug_}
  begin=$SECONDS
  if output=$("$program" --runs 20000 --seconds 120 --expect-violation); then
    found=$((found + 1))
    echo "found  $name in $((SECONDS - begin)) s: $(grep -A1 VIOLATION <<<"$output" | tr '\n' ' ' | cut -c1-200)"
  else
    missed=$((missed + 1))
    echo "MISSED $name after $((SECONDS - begin)) s"
    tail -n 14 <<<"$output"
  fi
done
echo "$found passed, $missed failed"
[ "$missed" -eq 0 ] && [ "$found" -ge 10 ]
