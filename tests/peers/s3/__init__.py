"""A peer that speaks the REST of S3-compatible storage on a real socket, as far as we and restic need it."""

from tests.peers.s3.peer import Fault, S3Peer

__all__ = ["Fault", "S3Peer"]
