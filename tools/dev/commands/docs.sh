# Writes the documents that are made from code
#
# usage: ./dev docs [--check]
#
# docs/configuration.md from the configuration's schema, docs/xeps.md and doap.xml from the registries of modules and edge
# features, docs/stanza-table.md from the stanza table: irisd prints them. --check writes nothing and fails where a file
# differs from what irisd prints.

source tools/dev/setup.sh
source tools/dev/build.sh
source tools/dev/server.sh

write_document() {
  local option=$1 file=$2 check=$3 text
  text=$("$IRISD" "$option") || die "irisd $option failed"
  if [[ $check == 1 ]]; then
    diff -u "$file" - <<<"$text" || { say "$file is not what the code says; ./dev docs writes it"; return 1; }
  else
    echo "$text" >"$file"
  fi
}

main() {
  local check=0 failed=0
  case ${1:-} in
    "") ;;
    --check) check=1 ;;
    *) usage "unknown argument '$1'" ;;
  esac
  setup build
  build release irisd >&2
  write_document --print-config-doc docs/configuration.md "$check" || failed=1
  write_document --print-xeps docs/xeps.md "$check" || failed=1
  write_document --print-stanza-table docs/stanza-table.md "$check" || failed=1
  write_document --print-doap doap.xml "$check" || failed=1
  return "$failed"
}
