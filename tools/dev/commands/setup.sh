# Installs what is missing to build, run and test
#
# usage: ./dev setup [--build | --run | --test]
#
#   --build   what compiles the server: Debian packages, a Rust toolchain
#   --run     that and the web client, from npm into build/web (the default)
#   --test    that and what the tests use: clang, strace, clients (Chromium, profanity, Gajim, Java and Smack),
#             Python packages in .deps/venv
#
# The Debian packages are listed in tools/packages-*.txt, the Python ones in test/requirements.txt, npm's in
# package-lock.json of web and test/interop, Smack in test/interop/smack/pom.xml, Rust's in rust/Cargo.lock. A second
# run finds everything there and says nothing. The other commands call this one for what they need, so that nobody has
# to.
#
# Installing Debian packages needs root. Without it the command to run is printed. IRIS_SKIP_PACKAGES=1 skips them, for
# a system that has the same things under other names.

source tools/dev/setup.sh

main() {
  local level=run
  for argument in "$@"; do
    case $argument in
      --build | --run | --test) level=${argument#--} ;;
      *) usage "unknown argument '$argument'" ;;
    esac
  done
  setup "$level"
}
