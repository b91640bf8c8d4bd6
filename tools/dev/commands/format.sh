# Lays out C++ files by .clang-format
#
# usage: ./dev format [--all | FILE ...]
#
# Without arguments: the files that you have changed. --all: every one.

source tools/dev/setup.sh
source tools/dev/changed.sh

main() {
  local files=()
  case ${1:-} in
    "") mapfile -t files < <(changed_sources) ;;
    --all) mapfile -t files < <(all_sources) ;;
    -*) usage "unknown argument '$1'" ;;
    *) local file; for file in "$@"; do files+=("$(caller_path "$file")"); done ;;
  esac
  have clang-format-16 || setup test
  if [[ ${#files[@]} -gt 0 ]]; then clang-format-16 -i "${files[@]}"; fi
}
