"""The small programs behind ./install.sh and ./scripts/dev; not part of what a clinic runs."""
