#!/usr/bin/env bash
# The simulation on seeds of chance. --smoke: a few runs; --long or IRIS_FULL=1: many; without: at least 2,000.
# BUILD: the build directory (build/release).
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
exec "$build/test/sim/iris_sim" --runs "$runs" --users 50 --steps 500
