# Sets up everything, builds, and serves a web chat on this machine
#
# usage: ./dev run [--data DIR] [--base-port PORT]
#
# From a bare Debian 12 to a page where two people can register and chat: installs what is missing, builds a release
# binary, makes a configuration and a self-signed certificate under DIR (default ./data) the first time, and runs the
# server in the foreground until Ctrl-C. Registration is open, on loopback only. PORT is the first of five ports, as in
# `./dev help up` (default 5222, or what an existing DIR/iris.toml says: the page is then http://localhost:5224/).

source tools/dev/setup.sh
source tools/dev/build.sh
source tools/dev/server.sh

print_welcome() {
  local folder=$1 base=$2
  cat <<END

  Iris runs. Open this page in two browser windows, one of them private:

      http://localhost:$((base + 2))/

  Register an account in each (anna@localhost, ben@localhost), then start a chat with the other's address.

  Another client, such as Gajim or Profanity, logs in as anna@localhost at localhost, port $base (STARTTLS) or
  $((base + 1)) (direct TLS); the certificate is self-signed: $folder/tls/cert.pem
  From the command line: build/release/irisctl --data $folder account add carl@localhost --password secret
  Metrics: http://localhost:$((base + 3))/metrics    Ctrl-C stops the server; what was said stays in $folder.

END
}

main() {
  local folder=$IRIS_ROOT/data base=""
  while [[ $# -gt 0 ]]; do
    case $1 in
      --data) [[ -n ${2:-} ]] || usage "--data needs a folder"; folder=$(realpath -m "$(caller_path "$2")"); shift ;;
      --base-port) [[ -n ${2:-} ]] || usage "--base-port needs a port"; base=$2; shift ;;
      *) usage "unknown argument '$1'" ;;
    esac
    shift
  done
  if [[ -z $base && -f $folder/iris.toml ]]; then base=$(configured_base_port "$folder"); fi
  base=${base:-5222}
  valid_base_port "$base" || usage "'$base' is not a port with four more after it"
  setup run
  say "building (the first time takes some minutes)"
  build release irisd irisctl

  local pid
  refuse_second_server "$folder" $((base + 3))
  if [[ ! -f $folder/iris.toml ]]; then
    local web
    mapfile -t web < <(web_arguments)
    "$IRISD" init --data "$folder" --base-port "$base" --registration loopback "${web[@]}" || die "irisd init failed"
  fi
  raise_file_limit
  "$IRISD" --config "$folder/iris.toml" >>"$folder/irisd.log" 2>&1 </dev/null &
  pid=$!
  # A shell starts background processes with SIGINT ignored, so Ctrl-C is passed on as TERM.
  trap 'kill -TERM $pid 2>/dev/null || true' INT TERM
  if ! wait_ready "$folder" "$pid" $((base + 3)); then
    kill "$pid" 2>/dev/null || true
    exit 1
  fi
  print_welcome "$folder" "$base"
  say "log: $folder/irisd.log"
  local code=0
  while process_lives "$pid"; do wait "$pid" || true; done  # a signal ends a wait early
  wait "$pid" || code=$?
  say "irisd has ended"
  [[ $code -eq 0 || $code -eq 143 ]] || die "irisd ended with code $code; see $folder/irisd.log"
}
