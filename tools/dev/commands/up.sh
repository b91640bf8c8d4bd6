# Starts a server in the background, with all its state under one folder
#
# usage: ./dev up DIR BASE_PORT [--domain NAME] [--no-limits] [--allow-plaintext] [--registration]
#
# Returns when the server accepts clients. All ports are on loopback:
#
#   BASE_PORT     XMPP with STARTTLS          BASE_PORT + 1   XMPP over TLS from the first byte
#   BASE_PORT + 2 HTTP and WebSocket (/ws)    BASE_PORT + 3   metrics and health
#   BASE_PORT + 4 HTTPS and WSS
#
#   --domain NAME       the domain that it serves (default: localhost)
#   --no-limits         no rate limits, for benchmarks
#   --allow-plaintext   login without TLS, PLAIN included, for tests
#   --registration      anybody on this machine may register an account (XEP-0077)
#
# On first use DIR/iris.toml and a certificate, DIR/tls/cert.pem, are made. A DIR/iris.toml that exists is used as it
# is, and the options above then change nothing. DIR/irisd.log has the output, DIR/irisd.pid the process id. Stop it
# with `./dev down DIR`. Accounts: build/release/irisctl --data DIR account add user@localhost --password pw

source tools/dev/server.sh

main() {
  local positional=() options=()
  while [[ $# -gt 0 ]]; do
    case $1 in
      --no-limits | --allow-plaintext) options+=("$1") ;;
      --registration) options+=(--registration loopback) ;;
      --domain)
        [[ -n ${2:-} ]] || usage "--domain needs a name"
        options+=(--domain "$2")
        shift
        ;;
      -*) usage "unknown argument '$1'" ;;
      *) positional+=("$1") ;;
    esac
    shift
  done
  [[ ${#positional[@]} -eq 2 ]] || usage "up takes DIR and BASE_PORT"
  local folder base=${positional[1]}
  folder=$(realpath -m "$(caller_path "${positional[0]}")")
  valid_base_port "$base" || usage "BASE_PORT '$base' is not a port with four more after it"

  if [[ ! -x $IRISD ]]; then
    source tools/dev/setup.sh
    source tools/dev/build.sh
    setup build
    build release irisd irisctl >&2
  fi

  local pid
  refuse_second_server "$folder" $((base + 3))
  if [[ -f $folder/iris.toml ]]; then
    local configured
    configured=$(configured_base_port "$folder")
    if [[ -n $configured && $configured != "$base" ]]; then die "$folder/iris.toml says base port $configured, not $base"; fi
    if [[ ${#options[@]} -gt 0 ]]; then say "$folder/iris.toml exists and is used as it is; ${options[*]} changes nothing"; fi
  else
    local web
    mapfile -t web < <(web_arguments)
    "$IRISD" init --data "$folder" --base-port "$base" "${options[@]}" "${web[@]}" || die "irisd init failed"
  fi

  raise_file_limit
  setsid "$IRISD" --config "$folder/iris.toml" >>"$folder/irisd.log" 2>&1 </dev/null &
  pid=$!
  if ! wait_ready "$folder" "$pid" $((base + 3)); then
    kill "$pid" 2>/dev/null || true
    exit 1
  fi
  echo "irisd runs (pid $pid): STARTTLS $base, TLS $((base + 1)), HTTP and WebSocket $((base + 2))," \
    "health $((base + 3)), HTTPS $((base + 4))"
}
