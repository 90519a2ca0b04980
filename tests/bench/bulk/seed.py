"""Makes N tokens of one label and prints their ids (at OpenBao: their accessors). Usage: seed.py BACKEND LABEL

URL, CA, CREDENTIAL (a file) and N come from the environment.
"""
import concurrent.futures
import http.client
import json
import os
import ssl
import sys
import threading
import urllib.parse
import uuid

backend, label = sys.argv[1:]
url = urllib.parse.urlparse(os.environ["URL"])
tls = ssl.create_default_context(cafile=os.environ["CA"])
with open(os.environ["CREDENTIAL"]) as file:
    credential = file.read().strip()
local = threading.local()


def make(number):
    if not hasattr(local, "connection"):
        local.connection = http.client.HTTPSConnection(url.hostname, url.port, context=tls)
    if backend == "openbao":
        path, headers = "/v1/auth/token/create-orphan", {"X-Vault-Token": credential}
        body = {"display_name": f"{label}-{number}", "policies": ["ci"], "ttl": "1h"}
    else:
        path = "/v1/tokens"
        headers = {"Authorization": f"Bearer {credential}", "Idempotency-Key": str(uuid.uuid4())}
        body = {"label": f"{label}-{number}", "roles": ["reader"]}
    headers["Content-Type"] = "application/json"
    local.connection.request("POST", path, json.dumps(body), headers)
    answer = local.connection.getresponse()
    text = answer.read()
    if answer.status not in (200, 201):
        sys.exit(f"{answer.status} {text.decode()}")
    made = json.loads(text)
    return made["auth"]["accessor"] if backend == "openbao" else made["token"]["id"]


with concurrent.futures.ThreadPoolExecutor(8) as pool:
    for name in pool.map(make, range(int(os.environ["N"]))):
        print(name)
