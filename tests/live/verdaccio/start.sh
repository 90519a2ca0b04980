#!/usr/bin/env bash
# Verdaccio (npm registry) over TLS on loopback, no upstream. Usage: start.sh [N tokens]   (PORT; MANY=: as many more tokens of
# the user "many"; LIMIT: calls per endpoint per 50 s)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
D=${LIVE_DIR:-$HOME/.cache/tokendeck-live}/verdaccio N=${1:-50} PORT=${PORT:-18400} LIMIT=${LIMIT:-1000000}
mkdir -p "$D" && cd "$D"
. "$here"/common/tls.sh
. "$here"/common/server.sh
VER=n/node_modules/verdaccio/bin/verdaccio
if [ ! -f $VER ]; then   # 6.8.0 is the newest for Node 20; a dependency asks for a dist-tag that is gone, hence the override
  mkdir -p n; echo '{"private":true,"overrides":{"node-fetch":"2.7.0"}}' > n/package.json
  (cd n && npm install --no-audit --no-fund --silent verdaccio@6.8.0)
fi
mk_tls tls
URL=https://127.0.0.1:$PORT
cat > config.yaml <<C
storage: $D/data
listen: [ "https://127.0.0.1:$PORT" ]
https: { key: $D/tls/key.pem, cert: $D/tls/cert.pem }
auth: { htpasswd: { file: $D/data/htpasswd, max_users: 1000, algorithm: bcrypt, rounds: 4 } }
security: { api: { legacy: false, jwt: { sign: { expiresIn: 90d } } } }
uplinks: {}
packages: { '**': { access: \$authenticated, publish: \$authenticated, unpublish: \$authenticated } }
userRateLimit: { windowMs: 50000, max: $LIMIT }
log: { type: stdout, format: json, level: warn }
web: { enable: false }
server: { keepAliveTimeout: 60 }
C
up() { curl -sf -m 3 -o /dev/null --cacert tls/ca.pem "$URL/-/ping"; }
if ! running pid; then
  rm -rf data seeded many-seeded; mkdir -p data
  setsid node $VER --config config.yaml > log 2>&1 < /dev/null &
  echo $! > pid
  await pid log up
fi
N=$N URL=$URL python3 - <<'P'
import http.client, json, os, ssl, sys, time, urllib.parse
n, url = int(os.environ["N"]), urllib.parse.urlparse(os.environ["URL"])
c = http.client.HTTPSConnection(url.hostname, url.port, context=ssl.create_default_context(cafile="tls/ca.pem"))
def call(m, p, body, tok=None):
    h = {"Content-Type": "application/json"}
    if tok: h["Authorization"] = "Bearer " + tok
    c.request(m, p, json.dumps(body), h)
    r = c.getresponse(); t = r.read()
    if r.status not in (200, 201): sys.exit(f"{m} {p}: {r.status} {t.decode()}")
    return json.loads(t)
have = int(open("seeded").read()) if os.path.exists("seeded") else 0
users = json.load(open("users.json")) if have else {}
t0 = time.time()
for u in ["operator", "ana", "bo", "chidi", "go-bot", "many"]:
    if u not in users:
        users[u] = call("PUT", f"/-/user/org.couchdb.user:{u}", {"name": u, "password": u + "-password", "email": u + "@example.invalid", "type": "user", "roles": []})["token"]
json.dump(users, open("users.json", "w"))
who = ["operator", "operator", "operator", "ana", "bo", "operator", "chidi", "go-bot"]
many = int(os.environ.get("MANY", "0"))
there = int(open("many-seeded").read()) if os.path.exists("many-seeded") else 0
for k, u in [(k, who[k % 8]) for k in range(have, n)] + [(k, "many") for k in range(there, many)]:
    b = {"password": u + "-password", "readonly": k % 3 == 0, "cidr_whitelist": [[], ["127.0.0.0/8"], ["10.1.0.0/16", "192.0.2.0/24"], []][k % 4]}
    call("POST", "/-/npm/v1/tokens", b, users[u])
open("seeded", "w").write(str(max(n, have)))
open("many-seeded", "w").write(str(max(many, there)))
for u in ("operator", "ana", "many"): open(u, "w").write(users[u])
print(f"seeded {max(0, n - have)} tokens, and {max(0, many - there)}, in {time.time()-t0:.1f} s", file=sys.stderr)
P
printf 'URL=%s\nCA=%s\nOPERATOR=%s\nANOTHER=%s\nMANY=%s\nPASSWORD=operator-password\nPID=%s\n' "$URL" "$D/tls/ca.pem" "$(cat operator)" "$(cat ana)" "$(cat many)" "$(cat pid)"
