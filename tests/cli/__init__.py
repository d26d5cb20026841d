"""The `attendant` command, as it is typed."""
