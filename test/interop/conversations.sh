#!/usr/bin/env bash
# conversations.sh [--only NAME] [--debug]: two people talk through slixmpp with a server of their own; see
# conversations.py.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
[[ -x .deps/venv/bin/python ]] || ./dev setup --test
[[ -x build/release/irisd ]] || ./dev build
exec .deps/venv/bin/python test/interop/conversations.py "$@"
