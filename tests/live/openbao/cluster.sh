#!/usr/bin/env bash
# Three OpenBao nodes that share their data by raft, over TLS on loopback. Usage: cluster.sh [N tokens]   (PORT: the first
# of six ports in a row)
#
# Called again, it starts and unseals the nodes that were killed, and leaves the others alone. All tokens stay.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
D=${LIVE_DIR:-$HOME/.cache/tokendeck-live}/openbao-cluster N=${1:-50} PORT=${PORT:-18210}
mkdir -p "$D" && cd "$D"
. "$here"/common/tls.sh
. "$here"/common/server.sh
. "$here"/openbao/install.sh
mk_tls tls
url() { echo "https://127.0.0.1:$((PORT + 2 * ($1 - 1)))"; }
get() { curl -sf -m 3 --cacert tls/ca.pem "$@"; }
up() { get -o /dev/null "$1/v1/sys/seal-status"; }
# A node that has joined says that it is initialised; before it, no key is taken.
unsealed() {
  local state
  state=$(get "$1/v1/sys/seal-status") || return 1
  case $state in
    *'"sealed":false'*) return 0 ;;
    *'"initialized":true'*) [ -s unseal ] && get -o /dev/null -X PUT -d "{\"key\":\"$(cat unseal)\"}" "$1/v1/sys/unseal" || true ;;
  esac
  return 1
}
# 200 for the leader, 429 for a standby that knows one.
ready() { [[ $(curl -s -m 3 -o /dev/null -w '%{http_code}' --cacert tls/ca.pem "$1/v1/sys/health") =~ ^(200|429)$ ]]; }
for k in 1 2 3; do
  ! running "pid$k" || continue
  port=$((PORT + 2 * (k - 1)))
  mkdir -p "data$k"
  join=""
  for other in 1 2 3; do
    [ "$other" = "$k" ] || join+=" retry_join { leader_api_addr = \"$(url $other)\" leader_ca_cert_file = \"$D/tls/ca.pem\" }"
  done
  cat > "bao$k.hcl" <<H
storage "raft" { path = "$D/data$k" node_id = "n$k" performance_multiplier = 1 $join }
listener "tcp" { address = "127.0.0.1:$port" cluster_address = "127.0.0.1:$((port + 1))" tls_cert_file = "$D/tls/cert.pem" tls_key_file = "$D/tls/key.pem" }
api_addr = "$(url $k)"
cluster_addr = "https://127.0.0.1:$((port + 1))"
log_level = "warn"
default_lease_ttl = "768h"
max_lease_ttl = "87600h"
H
  setsid "$BAO" server -config="bao$k.hcl" > "log$k" 2>&1 < /dev/null &
  echo $! > "pid$k"
  await "pid$k" "log$k" up "$(url $k)"
  # The first makes the cluster, once; the others wait for a key.
  if [ ! -s root ]; then N=0 URL=$(url 1) python3 "$here"/openbao/seed.py; fi
done
for k in 1 2 3; do await "pid$k" "log$k" unsealed "$(url $k)"; done
for k in 1 2 3; do await "pid$k" "log$k" ready "$(url $k)"; done
# A node that has just come back may not know the leader yet.
leader=""
find_leader() {
  leader=$(get "$(url 1)/v1/sys/leader" | sed -n 's/.*"leader_address":"\(https[^"]*\)".*/\1/p')
  [ -n "$leader" ]
}
await pid1 log1 find_leader
# A node that has joined gets no vote at first: without two who vote there is no other leader, when one is killed.
root() { get -H "X-Vault-Token: $(cat root)" "$@"; }
root -o /dev/null -X POST -d '{"server_stabilization_time":"1s","cleanup_dead_servers":false}' "$leader/v1/sys/storage/raft/autopilot/configuration"
votes() { [ "$(root "$leader/v1/sys/storage/raft/configuration" | grep -o '"voter":true' | wc -l)" = 3 ]; }
await pid1 log1 votes
N=$N URL=$leader python3 "$here"/openbao/seed.py
for k in 1 2 3; do printf 'URL%d=%s\nPID%d=%s\n' $k "$(url $k)" $k "$(cat pid$k)"; done
printf 'LEADER=%s\nCA=%s\nROOT=%s\nOPERATOR=%s\nAUDITOR=%s\n' "$leader" "$D/tls/ca.pem" "$(cat root)" "$(cat operator)" "$(cat auditor)"
