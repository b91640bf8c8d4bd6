#!/usr/bin/env bash
# profanity.sh: profanity in a terminal talks with slixmpp, with a server of their own; see profanity.py.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
[[ -x .deps/venv/bin/python && -x /usr/bin/profanity ]] || ./dev setup --test
[[ -x build/release/irisd ]] || ./dev build
exec .deps/venv/bin/python test/interop/profanity.py
