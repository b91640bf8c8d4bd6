#!/usr/bin/env bash
# limits.sh [--only KEY]: a hostile case for each limit of the configuration; see limits.py.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
[[ -x build/release/irisd ]] || ./dev build
exec python3 test/interop/limits.py "$@"
