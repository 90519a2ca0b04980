#!/usr/bin/env bash
# JupyterHub's API over TLS on loopback. Usage: start.sh [N tokens]   (PORT; MANY=: as many more tokens of the user
# "many"; PROXY=none|chp: no proxy and no Node, or the usual Node proxy)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
D=${LIVE_DIR:-$HOME/.cache/tokendeck-live}/jupyterhub N=${1:-50} PORT=${PORT:-18300} PROXY=${PROXY:-none}
mkdir -p "$D" && cd "$D"
. "$here"/common/tls.sh
. "$here"/common/server.sh
[ -x v/bin/jupyterhub ] || { python3 -m venv v && v/bin/pip install -q jupyterhub==6.1.1; }
CHP=$D/n/node_modules/.bin/configurable-http-proxy
[ "$PROXY" = none ] || [ -x "$CHP" ] || { mkdir -p n && (cd n && echo '{"private":true}' > package.json && npm install --no-audit --no-fund --silent configurable-http-proxy); }
mk_tls tls
URL=https://127.0.0.1:$PORT
cat > config.py <<'C'
import os, ssl
from jupyterhub.proxy import Proxy
here, port, proxy = os.environ["HUB_DIR"], int(os.environ["HUB_PORT"]), os.environ["HUB_PROXY"]
c = get_config()  # noqa
c.Application.log_level = "WARN"
c.JupyterHub.db_url = "sqlite://"
c.JupyterHub.cookie_secret = bytes(32)
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = "pw"
c.Authenticator.allow_all = True
c.Authenticator.admin_users = {"root"}
c.JupyterHub.bind_url = f"https://127.0.0.1:{port}"
if proxy == "none":
    class NoProxy(Proxy):
        """Keeps the routes in memory: the hub itself answers on the public port."""
        should_start = False
        routes = {}
        async def add_route(self, spec, target, data):
            self.routes[spec] = {"routespec": spec, "target": target, "data": data}
        async def delete_route(self, spec):
            self.routes.pop(spec, None)
        async def get_all_routes(self):
            return dict(self.routes)
    import jupyterhub.app
    ctx = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ctx.load_cert_chain(f"{here}/tls/cert.pem", f"{here}/tls/key.pem")
    jupyterhub.app.make_ssl_context = lambda *a, **k: ctx
    c.JupyterHub.proxy_class = NoProxy
    c.JupyterHub.hub_bind_url = f"https://127.0.0.1:{port}"
else:
    c.JupyterHub.ssl_cert, c.JupyterHub.ssl_key = f"{here}/tls/cert.pem", f"{here}/tls/key.pem"
    c.JupyterHub.hub_port = port + 1
    c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{port + 2}"
    c.ConfigurableHTTPProxy.command = [os.environ["HUB_CHP"]]
    c.ConfigurableHTTPProxy.auth_token = "proxy-secret"
    c.ConfigurableHTTPProxy.pid_file = f"{here}/proxy.pid"
c.JupyterHub.services = [
    {"name": "operator", "api_token": "operator-secret-0123456789"},
    {"name": "auditor", "api_token": "auditor-secret-0123456789"},
    {"name": "seeder", "api_token": "seeder-secret-0123456789"},
]
c.JupyterHub.load_roles = [
    {"name": "operator", "services": ["operator"], "scopes": ["admin:users", "admin:groups", "tokens", "read:roles", "list:users"]},
    {"name": "auditor", "services": ["auditor"], "scopes": ["list:users", "read:users", "read:tokens"]},
    {"name": "seeder", "services": ["seeder"], "scopes": ["admin:users", "tokens", "inherit"]},
    {"name": "reader", "description": "read own user", "scopes": ["read:users!user"]},
    {"name": "launcher", "description": "start own server", "scopes": ["servers!user"]},
]
C
up() { curl -sf -m 3 -o /dev/null --cacert tls/ca.pem "$URL/hub/health"; }
if ! running pid; then
  rm -f seeded many
  HUB_DIR=$D HUB_PORT=$PORT HUB_PROXY=$PROXY HUB_CHP=$CHP setsid v/bin/jupyterhub -f config.py > log 2>&1 < /dev/null &
  echo $! > pid
  await pid log up
fi
N=$N URL=$URL python3 - <<'P'
import http.client, json, os, ssl, sys, time, urllib.parse
n, url = int(os.environ["N"]), urllib.parse.urlparse(os.environ["URL"])
c = http.client.HTTPSConnection(url.hostname, url.port, context=ssl.create_default_context(cafile="tls/ca.pem"))
def call(m, p, body=None, ok=(200, 201, 204)):
    c.request(m, "/hub/api/" + p, json.dumps(body) if body is not None else None, {"Authorization": "token seeder-secret-0123456789"})
    r = c.getresponse(); t = r.read()
    if r.status not in ok: sys.exit(f"{m} {p}: {r.status} {t.decode()}")
    return t
owners = ["ana", "bo", "chidi", "dmitri", "erika", "fatima", "go-bot", "hiro"] + [f"user{k:02}" for k in range(min(32, n // 20))]
have = int(open("seeded").read()) if os.path.exists("seeded") else 0
t0 = time.time()
call("POST", "users", {"usernames": owners}, (201, 409))
kinds = ["build", "release", "backup", "scrape", "deploy", "import"]
for k in range(have, n):
    b = {"note": f"{kinds[k % 6]} {k} (érable)" if k % 9 == 0 else f"{kinds[k % 6]} {k}"}
    if k % 3: b["expires_in"] = [60, 3600, 86400, 30 * 86400, 365 * 86400][k % 5]
    if k % 4 == 1: b["scopes"] = ["read:users!user"]
    if k % 4 == 2: b["scopes"] = ["servers!user", "read:users:activity!user"]
    if k % 4 == 3: b["scopes"] = ["access:servers!user"]
    call("POST", f"users/{owners[k % len(owners)]}/tokens", b)
open("seeded", "w").write(str(max(n, have)))
many = int(os.environ.get("MANY", "0"))
there = int(open("many").read()) if os.path.exists("many") else 0
if many: call("POST", "users", {"usernames": ["many"]}, (201, 409))
for k in range(there, many):
    call("POST", "users/many/tokens", {"note": f"{kinds[k % 6]} {k}", "expires_in": 86400 * (1 + k % 400), "scopes": ["read:users!user"]})
open("many", "w").write(str(max(many, there)))
print(f"seeded {max(0, n - have)} tokens, and {max(0, many - there)}, in {time.time()-t0:.1f} s", file=sys.stderr)
P
printf 'URL=%s/hub/api\nCA=%s\nOPERATOR=operator-secret-0123456789\nAUDITOR=auditor-secret-0123456789\nPID=%s\n' "$URL" "$D/tls/ca.pem" "$(cat pid)"
