#!/usr/bin/env bash
# Matrix Synapse over TLS on loopback, no federation. Usage: start.sh [N devices]   (PORT; MANY=: as many
# more of the user "many")
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
D=${LIVE_DIR:-$HOME/.cache/tokendeck-live}/synapse N=${1:-50} PORT=${PORT:-18500}
mkdir -p "$D" && cd "$D"
. "$here"/common/tls.sh
. "$here"/common/server.sh
[ -x v/bin/synapse_homeserver ] || { python3 -m venv v && v/bin/pip install -q matrix-synapse==1.163.2; }
mk_tls tls
URL=https://127.0.0.1:$PORT
up() { curl -sf -m 3 -o /dev/null --cacert tls/ca.pem "$URL/health"; }
cat > hs.yaml <<C
server_name: hs.test
report_stats: false
pid_file: $D/hs.pid
signing_key_path: $D/data/signing.key
media_store_path: $D/data/media
log_config: $D/log.yaml
database: { name: sqlite3, args: { database: $D/data/hs.db } }
tls_certificate_path: $D/tls/cert.pem
tls_private_key_path: $D/tls/key.pem
listeners: [ { port: $PORT, bind_addresses: ["127.0.0.1"], type: http, tls: true, resources: [ { names: [client] } ] } ]
trusted_key_servers: []
registration_shared_secret: "shared-secret-for-tests"
macaroon_secret_key: "macaroon-secret-for-tests"
form_secret: "form-secret-for-tests"
enable_registration: true
registration_requires_token: true
bcrypt_rounds: 4
rc_login: { address: { per_second: 1000, burst_count: 1000 }, account: { per_second: 1000, burst_count: 1000 } }
rc_registration: { per_second: 1000, burst_count: 1000 }
C
cat > log.yaml <<C
version: 1
handlers: { out: { class: logging.StreamHandler } }
root: { level: WARNING, handlers: [out] }
C
if ! running pid; then
  rm -rf data seeded many-seeded operator ana bo many; mkdir -p data
  v/bin/generate_signing_key -o data/signing.key
  setsid v/bin/synapse_homeserver -c hs.yaml > log 2>&1 < /dev/null &
  echo $! > pid
  await pid log up
fi
N=$N URL=$URL python3 - <<'P'
import hashlib, hmac, http.client, json, os, ssl, sys, time, urllib.parse
n, url = int(os.environ["N"]), urllib.parse.urlparse(os.environ["URL"])
c = http.client.HTTPSConnection(url.hostname, url.port, context=ssl.create_default_context(cafile="tls/ca.pem"))
def call(m, p, body=None, tok=None):
    c.request(m, p, json.dumps(body) if body is not None else None, {"Authorization": "Bearer " + tok} if tok else {})
    r = c.getresponse(); t = r.read()
    if r.status != 200: sys.exit(f"{m} {p}: {r.status} {t.decode()}")
    return json.loads(t)
A = "/_synapse/admin/v1/"
def user(name, admin):
    nonce = call("GET", A + "register")["nonce"]
    mac = hmac.new(b"shared-secret-for-tests", b"\0".join([nonce.encode(), name.encode(), b"password-1", b"admin" if admin else b"notadmin"]), hashlib.sha1).hexdigest()
    return call("POST", A + "register", {"nonce": nonce, "username": name, "password": "password-1", "admin": admin, "mac": mac})["access_token"]
if not os.path.exists("operator"):
    tok = user("operator", True)
    for u in ("ana", "bo", "many"): open(u, "w").write(user(u, False))
    open("operator", "w").write(tok)
have = int(open("seeded").read()) if os.path.exists("seeded") else 0
t0 = time.time()
kinds = ["laptop", "phone", "bridge", "bot", "web"]
many = int(os.environ.get("MANY", "0"))
there = int(open("many-seeded").read()) if os.path.exists("many-seeded") else 0
for k, who in [(k, ["operator", "ana", "bo"][k % 3]) for k in range(have, n)] + [(k, "many") for k in range(there, many)]:   # each login makes a device with its own access token
    name = f"{kinds[k % 5]} {k} (érable)" if k % 9 == 0 else f"{kinds[k % 5]} {k}"
    made = call("POST", "/_matrix/client/v3/login", {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": who}, "password": "password-1", "initial_device_display_name": name})
    if k % 4 == 0: call("GET", "/_matrix/client/v3/account/whoami", tok=made["access_token"])   # seen
open("seeded", "w").write(str(max(n, have)))
open("many-seeded", "w").write(str(max(many, there)))
print(f"seeded {max(0, n - have)} devices, and {max(0, many - there)}, in {time.time()-t0:.1f} s", file=sys.stderr)
P
printf 'URL=%s\nCA=%s\nOPERATOR=%s\nORDINARY=%s\nPASSWORD=password-1\nPID=%s\n' "$URL" "$D/tls/ca.pem" "$(cat operator)" "$(cat ana)" "$(cat pid)"
