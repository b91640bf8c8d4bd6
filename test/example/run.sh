#!/usr/bin/env bash
# run.sh: follows CONTRIBUTING.md's worked example in a copy of this repository; see follow.py.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
exec python3 test/example/follow.py
