#!/usr/bin/env bash
# Builds the fuzz targets and runs each for a fixed number of inputs, beginning with its seeds. Fails on the first crash;
# the input that did it stays in build/fuzz/artifacts.
#
#   test/fuzz/run.sh [-n RUNS] [NAME...]      NAME: xml, stanza, jid, …; default: all
#   IRIS_FUZZ_SEED=N                          repeats a run
#   IRIS_FULL=1                               ten times as many inputs
set -euo pipefail
cd "$(dirname "$0")/../.."

runs=20000
[[ ${IRIS_FULL:-0} == 1 ]] && runs=200000
if [[ ${1-} == -n ]]; then
  runs=$2
  shift 2
fi
names=("$@")
if [[ ${#names[@]} -eq 0 ]]; then
  for source in test/fuzz/fuzz_*.cc; do
    name=${source##*/fuzz_}
    names+=("${name%.cc}")
  done
fi
seed=${IRIS_FUZZ_SEED:-$((RANDOM * 32768 + RANDOM + 1))}
folder=build/fuzz

if [[ ! -f $folder/build.ninja ]]; then
  launcher=()
  if command -v ccache >/dev/null; then
    launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  fi
  cmake -S . -B "$folder" -G Ninja -DIRIS_FUZZ=ON -DIRIS_SANITIZE=address,undefined -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1 -g1" -DCMAKE_C_COMPILER=clang-16 -DCMAKE_CXX_COMPILER=clang++-16 \
    "${launcher[@]}" >/dev/null
fi
ninja -C "$folder" -j "${IRIS_JOBS:-2}" --quiet "${names[@]/#/fuzz_}"

mkdir -p "$folder/artifacts"
for name in "${names[@]}"; do
  found=$folder/corpus/$name # what a run finds worth keeping; not committed
  mkdir -p "$found" "test/fuzz/corpus/$name"
  echo "fuzz $name: $runs inputs, IRIS_FUZZ_SEED=$seed"
  log=$folder/$name.log
  if ! "$folder/test/fuzz/fuzz_$name" -runs="$runs" -seed="$seed" -max_len=4096 -timeout=20 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="$folder/artifacts/$name-" "$found" "test/fuzz/corpus/$name" >"$log" 2>&1; then
    tail -n 60 "$log" >&2
    echo "fuzz $name FAILED; the whole output is in $log" >&2
    exit 1
  fi
  grep -E "cov:.*DONE|number_of_executed_units" "$log" || true
done
