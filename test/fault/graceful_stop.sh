#!/usr/bin/env bash
# graceful_stop.sh [--rounds N] [--seed N]: SIGTERM while clients send at full speed; see graceful_stop.py.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
[[ -x build/release/irisd ]] || ./dev build
exec python3 test/fault/graceful_stop.py "$@"
