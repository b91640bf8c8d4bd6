#!/usr/bin/env bash
# browser.sh: two people use the web client in headless Chromium, with a server of their own; see browser.mjs. A
# screenshot of their conversation is kept as build/test-artifacts/converse.png.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
[[ -d test/interop/node_modules/playwright-core && -x /usr/bin/chromium ]] || ./dev setup --test
[[ -x build/release/irisd ]] || ./dev build
exec python3 test/interop/browser.py
