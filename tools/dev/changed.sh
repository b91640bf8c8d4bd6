# Which files a check looks at.

# C++ files that differ from the branch everybody shares: committed since then, changed, or new. Without such a branch,
# what differs from the last commit.
changed_sources() {
  local base=HEAD
  if git rev-parse -q --verify origin/HEAD >/dev/null; then base=$(git merge-base HEAD origin/HEAD); fi
  {
    git diff --name-only --diff-filter=d "$base" -- '*.h' '*.cc'
    git ls-files --others --exclude-standard -- '*.h' '*.cc'
  } | sort -u
}

all_sources() { git ls-files -- '*.h' '*.cc'; }
