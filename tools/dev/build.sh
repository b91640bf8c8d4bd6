# build KIND TARGET...: KIND is release, asan, tsan or fuzz, and names the folder under build/.

configure() {
  local kind=$1 folder=build/$1
  local options=(-DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_C_COMPILER_LAUNCHER=ccache
    -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  case $kind in
    release) ;;
    # Less debug information and optimisation: half the time to compile, and the reports still name lines.
    asan) options+=("-DIRIS_SANITIZE=address,undefined" "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1 -g1") ;;
    tsan) options+=(-DIRIS_SANITIZE=thread "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1 -g1") ;;
    fuzz)
      options+=(-DIRIS_FUZZ=ON "-DIRIS_SANITIZE=address,undefined" "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1 -g1"
        -DCMAKE_C_COMPILER=clang-16 -DCMAKE_CXX_COMPILER=clang++-16)
      ;;
    *) die "no such kind of build: $kind" ;;
  esac
  mkdir -p "$folder"
  cmake -S . -B "$folder" -G Ninja "${options[@]}" >"$folder/configure.log" 2>&1 || {
    tail -n 30 "$folder/configure.log" >&2
    rm -f "$folder/CMakeCache.txt"
    die "configuring $folder failed; its whole output is in $folder/configure.log"
  }
}

build() {
  local kind=$1 folder=build/$1
  shift
  # One compiler for C++ and for the C++ that cargo builds, spelled the same everywhere: it is part of cargo's
  # fingerprint, and another spelling builds twice.
  unset CXX CC CXXFLAGS CFLAGS
  # Two clones, or two folders of one, share what is compiled.
  export CCACHE_BASEDIR=$IRIS_ROOT CCACHE_NOHASHDIR=1
  [[ -f $folder/build.ninja ]] || configure "$kind"
  local ninja=(ninja -C "$folder" -j "$(jobs_wanted)" "$@")
  if [[ -t 1 ]]; then
    "${ninja[@]}"
  else
    # Not a terminal: a page of progress lines helps nobody. Warnings and errors still pass.
    local started=$SECONDS
    say "building $* in $folder (some minutes, if little of it is there)"
    "${ninja[@]}" --quiet || return
    say "built in $((SECONDS - started)) s"
  fi
}
