#!/usr/bin/env bash
# run.sh [--whole]: Smack's integration tests against a server of its own; see run.py. The framework's logs are kept as
# build/test-artifacts/smack-*.log.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../../.."
[[ -f .deps/smack/classpath ]] || ./dev setup --test
[[ -x build/release/irisd ]] || ./dev build
exec python3 test/interop/smack/run.py "$@"
