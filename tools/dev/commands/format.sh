# Lays out C++ files by .clang-format
#
# usage: ./dev format [--all | --check | FILE ...]
#
# Without arguments: the files that you have changed. --all: every one. --check: changes nothing, and says where a file
# is not laid out so.

source tools/dev/setup.sh
source tools/dev/changed.sh

main() {
  local files=() how=(-i)
  case ${1:-} in
    "") mapfile -t files < <(changed_sources) ;;
    --all) mapfile -t files < <(all_sources) ;;
    --check)
      mapfile -t files < <(all_sources)
      how=(--dry-run --Werror)
      ;;
    -*) usage "unknown argument '$1'" ;;
    *) local file; for file in "$@"; do files+=("$(caller_path "$file")"); done ;;
  esac
  have clang-format-16 || setup test
  if [[ ${#files[@]} -eq 0 ]] || clang-format-16 "${how[@]}" "${files[@]}"; then return; fi
  die "./dev format --all puts it right"
}
