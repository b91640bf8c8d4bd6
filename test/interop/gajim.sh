#!/usr/bin/env bash
# gajim.sh: Gajim, on a screen that nobody sees, talks with slixmpp, with a server of their own; see gajim.py. Its
# screenshots are kept as build/test-artifacts/gajim-*.png.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
[[ -x .deps/venv/bin/python && -x /usr/bin/gajim && -x /usr/bin/Xvfb ]] || ./dev setup --test
[[ -x build/release/irisd ]] || ./dev build
exec .deps/venv/bin/python test/interop/gajim.py
