"""The corpus as values: what a file says is what is sent.

May import: the standard library, orjson, scripts.loopback_box, tests.peers, tests.wire.raw.
"""

import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson

from scripts.loopback_box import AUTH_TOKEN, CALLER, CLINIC, PUBLIC_URL
from tests.peers.carrier.signature import sign
from tests.wire import raw

FOLDER = Path(__file__).parent
MEDIA_URL = f"wss://{PUBLIC_URL.partition('://')[2]}/twilio/media"
STREAM = "MZ" + "5" * 32


@dataclass(frozen=True, slots=True)
class Sample:
    """One file of the corpus."""

    name: str
    table: Mapping[str, Any]

    def get(self, key: str, default: Any = None) -> Any:
        return self.table.get(key, default)


def corpus(folder: str) -> list[Sample]:
    """The samples of a folder."""
    files = sorted((FOLDER / folder).glob("*.toml"))
    return [Sample(file.stem, tomllib.loads(file.read_text("utf-8"))) for file in files]


def new_call() -> str:
    return "CA" + secrets.token_hex(16)


def voice_form(call_sid: str) -> dict[str, str]:
    return {"CallSid": call_sid, "From": CALLER, "To": CLINIC, "CallStatus": "ringing"}


def start(call_sid: str, token: str, stream: str = STREAM) -> str:
    """A start as the carrier sends it."""
    return orjson.dumps(
        {
            "event": "start",
            "sequenceNumber": "1",
            "streamSid": stream,
            "start": {
                "streamSid": stream,
                "accountSid": "AC" + "0" * 32,
                "callSid": call_sid,
                "tracks": ["inbound"],
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                "customParameters": {"token": token},
            },
        }
    ).decode()


def end_of(call_sid: str) -> bytes:
    """The webhook that tells of a call's end."""
    form = {"CallSid": call_sid, "CallStatus": "completed", "CallDuration": "7"}
    return request_of(Sample("end", {"path": "/twilio/status", "form": form}), call_sid)


def signature_of(path: str, form: Mapping[str, str], how: str) -> dict[str, str]:
    """The header of a signed request, or of one that is not rightly signed."""
    match how:
        case "right":
            return {"X-Twilio-Signature": sign(AUTH_TOKEN, PUBLIC_URL + path, form.items())}
        case "wrong":
            return {"X-Twilio-Signature": sign("another token", PUBLIC_URL + path, form.items())}
        case "elsewhere":
            return {"X-Twilio-Signature": sign(AUTH_TOKEN, "https://evil.example" + path, form.items())}
    return {}


def request_of(sample: Sample, call_sid: str) -> bytes:
    """The bytes of a webhook sample."""
    if (text := sample.get("raw")) is not None:
        return bytes(text, "latin-1")
    path = sample.get("path", "/twilio/voice")
    recording = call_sid.replace("CA", "RE", 1)
    form = {
        key: str(value).replace("@CALL@", call_sid).replace("@RECORDING@", recording)
        for key, value in sample.get("form", {}).items()
    }
    form |= {f"Field{number}": "x" for number in range(sample.get("fields", 0))}
    headers = signature_of(path, form, sample.get("sign", "right"))
    text = sample.get("body", urlencode(form) if form else "")
    body = text.encode("latin-1") + b"x" * sample.get("pad", 0)
    headers["Content-Type"] = sample.get("type", "application/x-www-form-urlencoded")
    if sample.get("chunked"):
        headers["Transfer-Encoding"] = "chunked"
        body = raw.chunked(body)
    else:
        headers["Content-Length"] = str(sample.get("claims", len(body)))
    return raw.request(sample.get("method", "POST"), path, headers | sample.get("headers", {}), body)


def frames_of(sample: Sample, call_sid: str, token: str) -> bytes:
    """The bytes of a media sample."""
    made = b""
    for piece in sample.get("frame", []):
        text = str(piece.get("text", "")).replace("@START@", start(call_sid, token))
        text = text.replace("@CALL@", call_sid).replace("@TOKEN@", token).replace("@STREAM@", STREAM)
        text = text * piece.get("repeat", 1)
        payload = bytes.fromhex(piece["hex"]) if "hex" in piece else text.encode()
        payload += b"x" * piece.get("size", 0)
        opcode = raw.OPCODES[piece.get("opcode", "text")]
        framed = raw.frame(opcode, payload, fin=piece.get("fin", True), masked=piece.get("masked", True))
        once = payload if piece.get("raw") else framed
        if piece.get("numbered"):
            once = b"".join(
                raw.frame(opcode, payload.replace(b"@N@", b"%d" % number))
                for number in range(2, 2 + piece.get("times", 1))
            )
            made += once
        else:
            made += once * piece.get("times", 1)
    return made
