#!/usr/bin/env bash
# reload.sh [--rounds N] [--seed N]: SIGHUP while clients send at full speed; see reload.py.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
[[ -x build/release/irisd ]] || ./dev build
exec python3 test/fault/reload.py "$@"
