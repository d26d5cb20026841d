"""A box whose recordings go to a bucket of the peer.

May import: the standard library, appliance, tests.peers.s3.
"""

from pathlib import Path
from typing import Any

from appliance.core.settings import Settings, checked
from tests.peers.s3.peer import BUCKET, KEY, SECRET, S3Peer

ACCESS = "s3_access"


def bucketed(data: Path, peer: S3Peer, **more: Any) -> Settings:
    """Its settings, with the keys in their file."""
    secret = data / "secrets" / ACCESS
    secret.parent.mkdir(mode=0o700, exist_ok=True)
    secret.touch(mode=0o600)
    secret.write_text(f"AWS_ACCESS_KEY_ID={KEY}\nAWS_SECRET_ACCESS_KEY={SECRET}\n", "utf-8")
    recordings = {"s3_url": f"{peer.url}/{BUCKET}/clinic", "s3_access_file": ACCESS, **more}
    return checked({"box": {"data_dir": str(data)}, "recordings": recordings}, "the test")
