#!/usr/bin/env bash
# disk_full.sh: a server whose data is on a small file system that fills up; see disk_full.py. Needs root, to mount it.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
exec python3 test/fault/disk_full.py "$@"
