"""Places, or takes, one call and prints it as it happens: python -m tests.peers.phone --help.

May import: the standard library, this package, the carrier peer's happenings.
"""

import argparse
import asyncio
import os
import sys
from dataclasses import fields
from pathlib import Path

from tests.peers.carrier.happenings import Happening
from tests.peers.phone import Manner, NotAnswered, Phone, PhoneCall, Refused
from tests.peers.phone.address import BadMessage, Where, host_and_port
from tests.peers.phone.leg import Leg
from tests.peers.phone.sdp import PAYLOADS
from tests.peers.phone.sound import BadSound, read_wav
from tests.peers.phone.wire import Seen

PASSWORD = "PHONE_PASSWORD"


def _server(text: str) -> Where:
    host, port = host_and_port(text)
    return host, port or 5060


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("phone", description="A SIP telephone for one call.")
    parser.add_argument(
        "target", nargs="?", help="a number of the server, or sip:user@host:port; none: be called"
    )
    parser.add_argument(
        "--server", type=_server, metavar="HOST:PORT", help="the switchboard, by its IPv4 address"
    )
    parser.add_argument("--user", default="phone")
    parser.add_argument(
        "--password", default=os.environ.get(PASSWORD, ""), help=f"or {PASSWORD} in the environment"
    )
    parser.add_argument("--ip", default="127.0.0.1", help="our own address, as the switchboard reaches it")
    parser.add_argument("--port", type=int, default=0, help="our SIP port; 0: any")
    parser.add_argument("--no-register", action="store_true", help="call without registering")
    parser.add_argument(
        "--codecs", default="PCMU", metavar="NAMES", help=f"best first, of {', '.join(PAYLOADS)}"
    )
    parser.add_argument("--ring-s", type=float, default=2.0, help="how long it rings when we are called")
    parser.add_argument("--play", type=Path, action="append", default=[], help="a WAV file to say, in order")
    parser.add_argument("--press", default="", metavar="KEYS", help="keys, after what was said")
    parser.add_argument("--for-s", type=float, default=5.0, help="how long to listen after all that")
    parser.add_argument("--patience-s", type=float, default=60.0, help="how long to wait for an answer")
    parser.add_argument("--heard", type=Path, help="write what was heard as WAV")
    parser.add_argument("--trace", action="store_true", help="print every SIP message")
    options = parser.parse_args()
    options.codecs = tuple(name.strip().upper() for name in options.codecs.split(","))
    if unknown := set(options.codecs) - set(PAYLOADS):
        parser.error(f"unknown codecs: {', '.join(sorted(unknown))}")
    return options


def _tell(leg: Leg, happening: Happening) -> None:
    values = [
        str(getattr(happening, each.name))
        for each in fields(happening)
        if each.name not in ("at_s", "call_ms")
    ]
    print(f"{happening.call_ms:7d} ms  {type(happening).__name__} {' '.join(values)}", flush=True)


def _trace(seen: Seen) -> None:
    arrow = ">>>" if seen.way == "sent" else "<<<"
    print(f"{arrow} {seen.peer[0]}:{seen.peer[1]} {seen.message}", flush=True)


async def _call(options: argparse.Namespace, phone: Phone) -> PhoneCall:
    if options.server and not options.no_register:
        held_s = await phone.register()
        print(f"registered for {held_s} s as {options.user}", flush=True)
    if options.target:
        call = await phone.dial(options.target)
    else:
        print(f"waiting at {phone.uri}", flush=True)
        call = await phone.rung(1, options.patience_s)
    return await call.answered(options.patience_s)


async def _talk(options: argparse.Namespace, call: PhoneCall) -> None:
    for path in options.play:
        call.say_wav(path)
    await call.said()
    if options.press:
        call.press(options.press)
        await call.said()
    try:
        await call.ended(options.for_s)
    except TimeoutError:
        await call.hang_up()


async def _run(options: argparse.Namespace) -> int:
    phone = Phone(
        options.user,
        options.password,
        server=options.server,
        ip=options.ip,
        port=options.port,
        codecs=options.codecs,
    )
    phone.on_ring = Manner(options.ring_s)
    phone.on_happening = _tell
    if options.trace:
        phone.on_seen = _trace
    async with phone:
        try:
            call = await _call(options, phone)
        except (NotAnswered, Refused, TimeoutError) as exc:
            print(f"phone: {exc}", file=sys.stderr)
            return 1
        await _talk(options, call)
        spacing = call.hearing.spacing()
        print(
            f"{call.codec}: heard {spacing.count} packets, lost {call.hearing.lost}, spacing"
            f" p50 {spacing.p50_ms:.1f} p99 {spacing.p99_ms:.1f} max {spacing.max_ms:.1f} ms",
            flush=True,
        )
        if options.heard:
            call.save_wav(options.heard)
    return 0


def main() -> int:
    options = _arguments()
    try:
        for path in options.play:
            read_wav(path, 8000)
        return asyncio.run(_run(options))
    except (BadMessage, BadSound, OSError, ValueError) as exc:
        print(f"phone: {exc}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
