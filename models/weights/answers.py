"""What the hub says in headers and listings, as plain values. No network.

A file that is kept apart (LFS) is answered with a redirect to a CDN, whose X-Linked-Etag is the file's
sha256; a small one by the hub itself, with the name that git gives it as its ETag. A listing says the same
for a whole folder. May import: the standard library, orjson, appliance.core, models.weights.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlsplit

import orjson

from appliance.core.errors import AttendantError, WireError
from models.weights.checksum import Checksum
from models.weights.table import Weights

# The hub takes no larger file than this into git itself.
GIT_MOST = 10 * 1024 * 1024
_SHA256 = re.compile(r"[0-9a-f]{64}")
_GIT = re.compile(r"[0-9a-f]{40}")
_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})")
_RESETS = re.compile(r";\s*t=(\d{1,9})")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class FetchFailed(AttendantError):
    """A file did not come. `retry` says whether asking again can help, `wait_s` what the hub asks for."""

    def __init__(self, problem: str, *, retry: bool = False, wait_s: float | None = None) -> None:
        super().__init__(problem)
        self.retry = retry
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Offer:
    """What the hub's listing says of a file; `checksum` is None when it offers none that is good enough."""

    size: int
    checksum: Checksum | None


def hub_address(url: str) -> str:
    """The hub's address without a last slash. Raises FetchFailed when it is none, or not a safe one."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise FetchFailed(f"{url} is not the address of a hub, such as https://huggingface.co.")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise FetchFailed(f"{url} is not encrypted: the hub's address must begin with https://.")
    return url.rstrip("/")


def file_url(hub: str, weights: Weights, path: str) -> str:
    """Where the hub gives a file."""
    return f"{hub}/{weights.source}/resolve/{weights.revision}/{quote(path)}"


def listing_url(hub: str, weights: Weights, folder: str) -> str:
    """Where the hub lists a folder of a repository."""
    address = f"{hub}/api/models/{weights.source}/tree/{weights.revision}"
    return f"{address}/{quote(folder)}" if folder else address


def next_step(url: str, location: str) -> str:
    """Where a redirect leads; never from an encrypted address to a plain one. Raises FetchFailed."""
    came, goes = urlsplit(url), urlsplit(location)
    if goes.scheme not in ("http", "https") or not goes.hostname:
        raise FetchFailed(f"{came.hostname} leads to an address that is none: {location[:80]!r}.")
    if came.scheme == "https" and goes.scheme != "https":
        raise FetchFailed(
            f"{came.hostname} leads to {goes.hostname}, which is not encrypted: "
            "a sign-in page of this network may stand between. Nothing was taken from there."
        )
    return location


def offers(body: bytes) -> dict[str, Offer]:
    """A listing of a folder, by path. Raises WireError."""
    try:
        tree = orjson.loads(body)
        if not isinstance(tree, list):
            raise TypeError("not a list")
        return {
            str(entry["path"]): Offer(int(entry["size"]), _offered(entry))
            for entry in tree
            if entry["type"] == "file"
        }
    except (ValueError, KeyError, TypeError) as exc:
        raise WireError("the hub's listing cannot be read", body[:80]) from exc


def _offered(entry: dict[str, Any]) -> Checksum | None:
    lfs = entry.get("lfs")
    if isinstance(lfs, dict) and _SHA256.fullmatch(str(lfs.get("oid"))):
        return Checksum("sha256", str(lfs["oid"]))
    if lfs is None and _GIT.fullmatch(str(entry.get("oid"))) and int(entry["size"]) <= GIT_MOST:
        return Checksum("git", str(entry["oid"]))
    return None


def etag(headers: Mapping[str, str]) -> str:
    """The tag of exactly these bytes, as it is sent back in If-Range; empty when there is none."""
    tag = headers.get("ETag", "")
    return "" if tag.startswith("W/") else tag


def linked_sha256(headers: Mapping[str, str]) -> str:
    """The sha256 that the hub states in front of a redirect; empty when it states none."""
    tag = headers.get("X-Linked-Etag", "").strip('"')
    return tag if _SHA256.fullmatch(tag) else ""


def commit(headers: Mapping[str, str]) -> str:
    """The commit that the hub answered from; empty when it does not say."""
    stated = headers.get("X-Repo-Commit", "")
    return stated if _GIT.fullmatch(stated) else ""


def begins_at(headers: Mapping[str, str], size: int) -> int | None:
    """Where a part begins; None when it is no part of a file of this size that goes to its end."""
    found = _RANGE.fullmatch(headers.get("Content-Range", ""))
    if found is None:
        return None
    first, last, total = (int(each) for each in found.groups())
    return first if total == size and last == size - 1 else None


def wait_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """How long the hub asks to wait, in either header that it may say it in; None when it does not."""
    text = headers.get("Retry-After", "").strip()
    if not text and (resets := _RESETS.search(headers.get("RateLimit", ""))):
        return float(resets[1])
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (TypeError, ValueError):
        return None


def refused(status: int, host: str, what: str, headers: Mapping[str, str], now: datetime) -> FetchFailed:
    """What an answer that brings nothing means."""
    match status:
        case 404 | 410:
            return FetchFailed(f"{host} does not have {what}.")
        case 401 | 403:
            return FetchFailed(f"{host} does not give {what} without an account (status {status}).")
        case 416:
            return FetchFailed(f"{host} has fewer bytes of {what} than it must have.")
        case 429 | 503:
            wait = wait_s(headers, now)
            return FetchFailed(f"{host} has too many requests (status {status}).", retry=True, wait_s=wait)
        case _ if status >= 500:
            return FetchFailed(f"{host} has a problem of its own (status {status}).", retry=True)
        case _:
            return FetchFailed(f"{host} answers {what} with status {status}.")


def portal(host: str) -> FetchFailed:
    """A web page stands where a file should be."""
    return FetchFailed(
        f"In the place of {host} a web page answers: the sign-in page of this network, or a filter. "
        "Open a browser behind the same connection, or bring the files on a stick (docs/models.md)."
    )
