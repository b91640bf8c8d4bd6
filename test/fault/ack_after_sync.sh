#!/usr/bin/env bash
# ack_after_sync.sh: a trace of the server's system calls shows that no message is acknowledged before the sync of the
# write that holds it; see ack_after_sync.py. Needs strace and the right to trace.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
exec python3 test/fault/ack_after_sync.py "$@"
