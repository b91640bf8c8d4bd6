# What the commands share: messages, places, and questions about the machine. Sourced by ./dev, in the repository's root.

say() { echo "dev: $*" >&2; }
die() { echo "dev: $*" >&2; exit 1; }
usage() { echo "dev: $*. See './dev help $command'." >&2; exit 2; }

have() { command -v "$1" >/dev/null 2>&1; }

# Jobs of a build: the cores of this machine, or what IRIS_JOBS says.
jobs_wanted() { echo "${IRIS_JOBS:-$(nproc)}"; }

# True if version $1 is at least $2, both dotted numbers.
version_at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

# The first version number that a program prints about itself.
version_of() { "$@" 2>/dev/null | grep -oE '[0-9]+\.[0-9]+(\.[0-9]+)?' | head -n 1; }

# The lines of a list without comments.
list_lines() { sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' "$@"; }

# A path as the caller meant it: ./dev itself works in the root.
caller_path() {
  case $1 in
    /*) echo "$1" ;;
    *) echo "$IRIS_CALLER_DIR/$1" ;;
  esac
}

# The head of a command's file is its help: the first line a summary, then the page.
command_summary() { sed -n '1s/^# //p' "tools/dev/commands/$1.sh"; }
command_page() { sed -n -e '2,${/^#/!q;s/^# \{0,1\}//;p}' "tools/dev/commands/$1.sh"; }

suggest_command() {
  local file name
  for file in tools/dev/commands/*.sh; do
    name=$(basename "$file" .sh)
    if [[ ${name:0:1} == "${1:0:1}" || $name == *"$1"* ]]; then echo "  perhaps: ./dev $name"; fi
  done
}
