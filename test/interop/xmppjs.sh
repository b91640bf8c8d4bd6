#!/usr/bin/env bash
# xmppjs.sh: two people use @xmpp/client over WebSocket, with a server of their own; see xmppjs.mjs.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
[[ -d test/interop/node_modules/@xmpp/client ]] || ./dev setup --test
[[ -x build/release/irisd ]] || ./dev build
exec python3 test/interop/xmppjs.py
