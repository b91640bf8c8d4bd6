#!/usr/bin/env bash
# The engine's disk loses its power at random moments, or fails; see power_loss_test.cc and disk_error_test.cc.
# With IRIS_FULL=1: more than ten times as many rounds. Needs `./dev build --all`.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
exec "${IRIS_BUILD:-build/release}/test/fault/power_loss_test" "$@"
