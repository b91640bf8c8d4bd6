# Stops a server that `up` started
#
# usage: ./dev down DIR
#
# Asks the server of DIR to end (SIGTERM), waits until it has written what it had accepted and is gone. A server that is
# not running is no error. One that has not ended after 30 s is left as it is, and reported.

source tools/dev/server.sh

main() {
  [[ $# -eq 1 && $1 != -* ]] || usage "down takes DIR"
  local folder pid seconds_max=30 started=$SECONDS
  folder=$(realpath -m "$(caller_path "$1")")
  [[ -d $folder ]] || die "there is no folder $folder"
  if ! pid=$(server_pid "$folder"); then
    echo "no server runs in $folder"
    return
  fi
  kill -TERM "$pid"
  # Its command line goes before its lock on the folder does: wait for the process itself.
  while process_lives "$pid"; do
    if ((SECONDS - started >= seconds_max)); then die "irisd (pid $pid) has not ended after $seconds_max s"; fi
    sleep 0.05
  done
  echo "irisd (pid $pid) has ended"
}
