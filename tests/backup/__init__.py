"""Backups: with the real restic, and a repository in a folder."""
