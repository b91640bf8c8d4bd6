#!/usr/bin/env bash
# hostile.sh [--only NAME]: a stranger's bytes against a server of its own; see hostile.py.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
[[ -x build/release/irisd ]] || ./dev build
exec python3 test/interop/hostile.py "$@"
