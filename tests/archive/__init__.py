"""Recordings in a bucket elsewhere, with a peer that speaks its REST."""
