#!/usr/bin/env bash
# OpenBao over TLS on loopback. Usage: start.sh [N tokens]   (PORT, STORAGE=inmem|raft, and MANY=, as many more tokens in
# the namespace "many", from the environment)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
D=${LIVE_DIR:-$HOME/.cache/tokendeck-live}/openbao N=${1:-50} PORT=${PORT:-18200} STORAGE=${STORAGE:-inmem}
mkdir -p "$D" && cd "$D"
. "$here"/common/tls.sh
. "$here"/common/server.sh
. "$here"/openbao/install.sh
mk_tls tls
URL=https://127.0.0.1:$PORT
up() { curl -s -m 3 -o /dev/null --cacert tls/ca.pem "$URL/v1/sys/seal-status"; }
if ! running pid; then
  rm -rf data unseal root operator auditor many seeded many-seeded
  mkdir data
  case $STORAGE in
    inmem) storage='storage "inmem" {}' ;;
    raft) storage="storage \"raft\" { path = \"$D/data\" node_id = \"n1\" }" ;;
    *) echo "STORAGE is inmem or raft" >&2; exit 2 ;;
  esac
  cat > bao.hcl <<H
$storage
listener "tcp" { address = "127.0.0.1:$PORT" cluster_address = "127.0.0.1:$((PORT + 1))" tls_cert_file = "$D/tls/cert.pem" tls_key_file = "$D/tls/key.pem" }
api_addr = "$URL"
cluster_addr = "https://127.0.0.1:$((PORT + 1))"
log_level = "warn"
default_lease_ttl = "768h"
max_lease_ttl = "87600h"
H
  setsid "$BAO" server -config=bao.hcl > log 2>&1 < /dev/null &
  echo $! > pid
  await pid log up
fi
N=$N URL=$URL python3 "$here"/openbao/seed.py
printf 'URL=%s\nCA=%s\nROOT=%s\nOPERATOR=%s\nAUDITOR=%s\nPID=%s\n' "$URL" "$D/tls/ca.pem" "$(cat root)" "$(cat operator)" "$(cat auditor)" "$(cat pid)"
[ ! -s many ] || printf 'MANY=%s\n' "$(cat many)"
