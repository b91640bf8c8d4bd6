# What run, up and down share: a server's folder, its ports and its process.

IRISD=build/release/irisd

# The server's pid if the process named in DIR/irisd.pid lives and really is the irisd of DIR. A pid file outlives a
# `kill -9`, and by then its number may belong to anybody.
server_pid() {
  local folder=$1 pid
  [[ -f $folder/irisd.pid ]] || return 1
  pid=$(tr -dc '0-9' <"$folder/irisd.pid")
  [[ -n $pid && -r /proc/$pid/cmdline ]] || return 1
  { tr '\0' '\n' <"/proc/$pid/cmdline"; } 2>/dev/null | grep -qxF "$folder/iris.toml" || return 1
  echo "$pid"
}

# A child that has ended is a zombie until it is waited for: it still has a pid. (An empty command line would not tell it
# from a process in the middle of exec.)
process_lives() {
  local line
  { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
  line=${line##*) }
  [[ ${line:0:1} != [ZX] ]]
}

# GET PATH on 127.0.0.1:PORT, prints the status code; nothing if nobody answers. No curl on a bare machine.
http_status() {
  local port=$1 path=$2 line=""
  { exec 9<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null || return 1
  printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$path" >&9 2>/dev/null
  read -r -t 2 line <&9 || true
  exec 9>&- 9<&-
  [[ $line =~ ^HTTP/1\.[01]\ ([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}

# Ends the command if a server runs in this folder. One that was killed a moment ago answers nothing and gets time to go.
refuse_second_server() {
  local folder=$1 port=$2 pid tries=0
  while pid=$(server_pid "$folder"); do
    if ((++tries > 100)) || [[ $(http_status "$port" /healthz || true) != "" ]]; then
      die "a server already runs in $folder (pid $pid). Stop it: ./dev down $folder"
    fi
    sleep 0.05
  done
}

# Waits until the server with this pid is ready. Its log is shown if it ends instead.
wait_ready() {
  local folder=$1 pid=$2 port=$3 seconds_max=${IRIS_READY_SECONDS:-60} started=$SECONDS told=0
  while true; do
    if [[ $(http_status "$port" /readyz || true) == 200 ]]; then return 0; fi
    if ! process_lives "$pid"; then
      say "irisd ended before it was ready. The end of $folder/irisd.log:"
      tail -n 20 "$folder/irisd.log" >&2
      return 1
    fi
    if ((SECONDS - started >= seconds_max)); then
      say "irisd (pid $pid) is not ready after $seconds_max s. The end of $folder/irisd.log:"
      tail -n 20 "$folder/irisd.log" >&2
      return 1
    fi
    if ((SECONDS - started >= 3 + told * 5)); then
      say "waiting for irisd to be ready, $((SECONDS - started)) s so far"
      told=$((told + 1))
    fi
    sleep 0.05
  done
}

# A server holds a file per connection. Root may go beyond the hard limit.
raise_file_limit() { ulimit -n 200000 2>/dev/null || ulimit -n "$(ulimit -Hn)" 2>/dev/null || true; }

# The base port of a configuration that `irisd init` made; nothing if somebody laid it out differently.
configured_base_port() {
  local metrics
  metrics=$(sed -nE 's/^metrics = .*"127\.0\.0\.1:([0-9]+)".*/\1/p' "$1/iris.toml" | head -n 1)
  if [[ -n $metrics ]]; then echo $((metrics - 3)); fi
}

valid_base_port() { [[ $1 =~ ^[0-9]{1,5}$ ]] && (($1 >= 1 && $1 + 4 <= 65535)); }

# What `irisd init --web` is told. A server without the page is still a server, so a missing one is no error here.
web_arguments() {
  if [[ ! -f build/web/index.html ]]; then
    source tools/dev/setup.sh
    if node_is_good; then (setup_web) >&2 || say "there will be no web page"; fi
  fi
  if [[ -f build/web/index.html ]]; then printf '%s\n' --web "$IRIS_ROOT/build/web"; fi
}
