"""Initialises and unseals the server at $URL, makes policies and credentials, and seeds tokens up to $N; and up to $MANY
in a namespace of that name, so that the others are still listed quickly.

Runs in the folder of the server's state: unseal, root, operator, auditor, many and two that end with seeded are files
there.
"""
import http.client
import json
import os
import random
import ssl
import sys
import threading
import time
import urllib.parse

n, url = int(os.environ["N"]), urllib.parse.urlparse(os.environ["URL"])
context = ssl.create_default_context(cafile="tls/ca.pem")
local = threading.local()


def call(method, path, body=None, token=None, ok=(200, 204), namespace=""):
    if not hasattr(local, "connection"):
        local.connection = http.client.HTTPSConnection(url.hostname, url.port, context=context)
    text = json.dumps(body) if body is not None else None
    headers = {"X-Vault-Token": token} if token else {}
    if namespace:
        headers["X-Vault-Namespace"] = namespace
    local.connection.request(method, "/v1/" + path, text, headers)
    answer = local.connection.getresponse()
    data = answer.read()
    if answer.status not in ok:
        sys.exit(f"{method} {path}: {answer.status} {data.decode()}")
    return json.loads(data) if data else None


def read(name):
    with open(name) as file:
        return file.read()


def write(name, text):
    with open(name, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        file.write(text)


if not call("GET", "sys/init")["initialized"]:
    made = call("PUT", "sys/init", {"secret_shares": 1, "secret_threshold": 1})
    write("unseal", made["keys"][0])
    write("root", made["root_token"])
if call("GET", "sys/seal-status")["sealed"]:
    call("PUT", "sys/unseal", {"key": read("unseal")})
for _ in range(600):  # A raft node is sealed, then a standby (429), and only then the leader, who alone takes writes.
    try:
        local.connection.request("GET", "/v1/sys/health")
        answer = local.connection.getresponse()
        answer.read()
        if answer.status == 200:
            break
    except OSError:
        local.__dict__.clear()
    time.sleep(0.05)

root = read("root")
READS = {"auth/token/accessors": ["list", "sudo"], "auth/token/accessors/": ["list", "sudo"], "auth/token/lookup-accessor": ["update"]}
WRITES = {
    "auth/token/revoke-accessor": ["update"],
    "auth/token/renew-accessor": ["update"],
    "auth/token/lookup": ["update"],
    "auth/token/revoke": ["update"],
    "auth/token/create": ["update"],
    "auth/token/create-orphan": ["update", "sudo"],
}
POLICIES = {
    "operator": READS | WRITES,
    "auditor": READS,
    "ci": {"secret/ci/*": ["read"]},
    "deploy": {"secret/deploy/*": ["read", "update"]},
    "billing-ro": {"secret/billing/*": ["read"]},
    "metrics": {"sys/metrics": ["read"]},
}


def prepare(namespace, credentials):
    role = {"allowed_policies": ["ci"], "orphan": True, "renewable": True, "token_period": "24h"}
    for name, paths in POLICIES.items():
        rules = "\n".join(f'path "{path}" {{ capabilities = {json.dumps(may)} }}' for path, may in paths.items())
        call("PUT", "sys/policies/acl/" + name, {"policy": rules}, root, namespace=namespace)
    call("POST", "auth/token/roles/ci", role, root, namespace=namespace)
    for who, policies in credentials:
        if not os.path.exists(who):
            body = {"policies": policies, "display_name": who, "ttl": "720h"}
            made = call("POST", "auth/token/create", body, root, namespace=namespace)
            write(who, made["auth"]["client_token"])


# An operator can give away no more than it has: ci, not deploy.
prepare("", [("operator", ["operator", "ci"]), ("auditor", ["auditor"])])
many = int(os.environ.get("MANY", "0"))
if many:
    call("POST", "sys/namespaces/many", {}, root)
    prepare("many", [("many", ["operator", "ci"])])

OWNERS = ["ana", "bo", "chidi", "dmitri", "érika", "fatima", "go-bot", "hiro"]
KINDS = ["build", "release", "backup", "scrape", "deploy", "import"]
GRANTS = [["ci"], ["deploy"], ["billing-ro"], ["metrics"], ["ci", "deploy"], ["auditor"]]


def one(k, namespace):
    path = "auth/token/create"
    meta = {"owner": OWNERS[k % 8], "env": ["prod", "stage", "dev"][k % 3], "n": str(k)}
    body = {"display_name": f"{KINDS[k % 6]}-{k}", "meta": meta, "policies": GRANTS[k % 6], "no_parent": True}
    match k % 10:
        case 3: body |= {"num_uses": 5, "ttl": "48h"}
        case 4: body["period"] = "24h"
        case 5: body["ttl"] = "90s"
        case 6: body |= {"explicit_max_ttl": "2160h", "ttl": "2160h"}
        case 7: path, body["policies"] = path + "/ci", ["ci"]
        case 8: body |= {"renewable": False, "ttl": "1h"}
        case _: body["ttl"] = f"{random.Random(k).randint(1, 700)}h"
    call("POST", path, body, root, namespace=namespace)


def seed(file, n, namespace):
    have = int(read(file)) if os.path.exists(file) else 0
    began = time.time()
    work = lambda w: [one(k, namespace) for k in range(have + w, n, 4)]
    threads = [threading.Thread(target=work, args=(w,)) for w in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    write(file, str(max(n, have)))
    print(f"seeded {max(0, n - have)} tokens in {time.time() - began:.1f} s", file=sys.stderr)


seed("seeded", n, "")
if many:
    seed("many-seeded", many, "many")
