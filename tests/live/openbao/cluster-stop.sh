#!/usr/bin/env bash
# Ends the nodes that cluster.sh started, and forgets their data; says nothing when none runs.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../common/server.sh"
cd "${LIVE_DIR:-$HOME/.cache/tokendeck-live}/openbao-cluster" 2>/dev/null || exit 0
for k in 1 2 3; do stop "pid$k"; done
rm -rf data1 data2 data3 unseal root operator auditor seeded
