"""The carrier's signature over what it sends us, computed from its description and not from its library.

Pure. May import: the standard library.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable

Params = Iterable[tuple[str, str]]


def signed_text(url: str, params: Params = ()) -> str:
    """What is signed: the URL as the caller's side sees it, then every distinct name and value in order."""
    return url + "".join(name + value for name, value in sorted(set(params)))


def sign(auth_token: str, url: str, params: Params = ()) -> str:
    """The value of X-Twilio-Signature."""
    digest = hmac.new(auth_token.encode(), signed_text(url, params).encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
