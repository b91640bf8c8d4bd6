#!/usr/bin/env bash
# start_million.sh: a server with a million archived messages is killed by `kill -9`, and is ready again in under two
# seconds, without repair; see start_million.py. Needs `./dev build --all`.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
exec python3 test/fault/start_million.py "$@"
