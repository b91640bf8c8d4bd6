#!/usr/bin/env bash
# crash.sh [--rounds N] [--seed N]: clients send at full speed while the server is killed by `kill -9`; see crash.py.
# 20 rounds, 60 under --full (IRIS_FULL=1).
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
[[ -x build/release/irisd ]] || ./dev build
rounds=20
[[ ${IRIS_FULL:-0} == 1 ]] && rounds=60
exec python3 test/fault/crash.py --rounds "$rounds" "$@"
