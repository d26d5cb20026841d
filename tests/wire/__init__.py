"""Hostile input against the real bridge process."""
