#!/usr/bin/env bash
# crash_quick.sh: the crash test in three rounds, for `./dev check`.
exec "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/crash.sh" --rounds 3 --people 4 "$@"
