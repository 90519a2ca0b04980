# What the start and stop scripts share. Each runs in the folder of its own state, and its server has that for a working
# directory: so no process is taken for it, or ended, that only has the number of one that is gone.

# running FILE: whether the process whose number stands in FILE is a server of this folder.
running() {
  local p
  p=$(cat "$1" 2>/dev/null) && [ -n "$p" ] && [ "$(readlink "/proc/$p/cwd")" = "$PWD" ]
}

# stop FILE: ends it, within five seconds or by force. Says nothing when none runs.
stop() {
  local p
  if running "$1"; then
    p=$(cat "$1")
    kill "$p" 2>/dev/null || true
    for _ in $(seq 100); do running "$1" || break; sleep 0.05; done
    ! running "$1" || kill -9 "$p"
  fi
  rm -f "$1"
}

# await FILE LOG COMMAND: waits until the command succeeds, for two minutes while the server runs: others may be being
# installed beside it.
await() {
  local file=$1 log=$2
  shift 2
  for _ in $(seq 2400); do
    ! "$@" || return 0
    running "$file" || break
    sleep 0.05
  done
  echo "it does not answer; the last of its log:" >&2
  tail -20 "$log" >&2
  return 1
}
