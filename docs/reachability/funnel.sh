#!/usr/bin/env bash
# Tailscale Funnel: no port is open in the clinic's router. Its mount points are cut off the path, so that each
# target names its own again: Twilio's signature is made of the whole path.
set -euo pipefail
port="${1:-8080}"
for path in twilio book calendar; do
  tailscale funnel --bg --set-path="/$path" "http://127.0.0.1:$port/$path"
done
tailscale funnel status
