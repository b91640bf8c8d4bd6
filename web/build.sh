#!/usr/bin/env bash
# Lays out the web client that irisd serves at /: the page of page/ and, beside it in converse/, the built files of
# Converse.js that it loads. Run it as often as you like; OUTDIR is replaced only when something changed.
#
# usage: web/build.sh OUTDIR
set -euo pipefail

[[ $# -eq 1 ]] || { echo "usage: web/build.sh OUTDIR" >&2; exit 2; }
mkdir -p "$(dirname "$1")"
out=$(realpath -m "$1")
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"

# One at a time: tests may start servers side by side.
exec 9<build.sh
flock 9

# npm writes the lock of what it installed into node_modules: it is missing or older when an install is due.
if [[ ! -d node_modules/converse.js/dist || package-lock.json -nt node_modules/.package-lock.json ]]; then
  npm ci --loglevel=error >&2
  touch node_modules/.package-lock.json
fi

dist=node_modules/converse.js/dist
inputs=$(find build.sh page "$dist/converse.min.js" package-lock.json -type f -exec sha256sum {} + | sort)
if [[ -f $out/.inputs && $(<"$out/.inputs") == "$inputs" ]]; then exit 0; fi

# Built beside the old folder and put in its place at once, so that a server starting now finds one or the other.
new=$out.new.$$
trap 'rm -rf "$new"' EXIT
rm -rf "$new"
mkdir -p "$new/converse"
cp page/* "$new/"
# No source maps, no unminified files, nothing of the project's own web site.
cp "$dist"/{converse.min.js,converse.min.css,emoji.json,libomemo.esm.min.js,curve25519_compiled.wasm} "$new/converse/"
cp -r "$dist"/{chunkjs,images,sounds,webfonts} "$new/converse/"
find "$new" -name '*.map' -delete
sed -i '/^\/\/# sourceMappingURL=/d' "$new/converse/converse.min.js"
cp node_modules/converse.js/LICENSE "$new/converse/LICENSE"
echo "$inputs" >"$new/.inputs"
rm -rf "$out"
mv "$new" "$out"
