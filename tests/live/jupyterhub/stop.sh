#!/usr/bin/env bash
# Ends the hub, and the proxy if one runs.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../common/server.sh"
cd "${LIVE_DIR:-$HOME/.cache/tokendeck-live}/jupyterhub" 2>/dev/null || exit 0
stop pid
stop proxy.pid
