#!/usr/bin/env bash
# Ends the server that start.sh started; says nothing when none runs.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../common/server.sh"
cd "${LIVE_DIR:-$HOME/.cache/tokendeck-live}/openbao" 2>/dev/null || exit 0
stop pid
