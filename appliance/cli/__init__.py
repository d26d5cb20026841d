"""The `attendant` command. May import: everything."""
