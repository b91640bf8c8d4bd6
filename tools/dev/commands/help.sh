# Shows what a command does
#
# usage: ./dev help [COMMAND]
#
# Without COMMAND: all commands in groups. With it: that command's page. `./dev COMMAND --help` is the same.

print_group() {
  local title=$1 name
  shift
  echo
  echo "$title"
  for name in "$@"; do printf '   %-9s %s\n' "$name" "$(command_summary "$name")"; done
}

main() {
  if [[ $# -gt 1 ]]; then usage "help takes one command"; fi
  if [[ $# -eq 1 ]]; then
    [[ $1 =~ ^[a-z][a-z-]*$ && -f tools/dev/commands/$1.sh ]] || { suggest_command "$1"; die "no help for '$1'"; }
    echo "./dev $1 - $(command_summary "$1")"
    command_page "$1"
    return
  fi
  echo "usage: ./dev COMMAND [ARGUMENTS]"
  print_group "try it" run
  print_group "work on it" setup build check format docs
  print_group "servers for tests, benchmarks and other tools" up down
  print_group "prove it" test bench
  echo
  echo "'./dev help COMMAND' tells more about one of them. New here? './dev run', then CONTRIBUTING.md."
}
