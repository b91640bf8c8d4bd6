# Which files a check looks at.

# Where a change begins: at the branch everybody shares; without such a branch, at the last commit.
change_base() {
  if git rev-parse -q --verify origin/HEAD >/dev/null; then git merge-base HEAD origin/HEAD; else echo HEAD; fi
}

# C++ files that differ from there: committed since then, changed, or new.
changed_sources() {
  {
    git diff --name-only --diff-filter=d "$(change_base)" -- '*.h' '*.cc'
    git ls-files --others --exclude-standard -- '*.h' '*.cc'
  } | sort -u
}

all_sources() { git ls-files -- '*.h' '*.cc'; }
