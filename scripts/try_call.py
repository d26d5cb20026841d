"""Places a real call through a real box on loopback and shows it: `./install.sh --try`, `scripts/dev call`.

Recorded human speech goes in by the carrier's own protocol; the box is the real bridge as a process; what
is said is printed from the box's own call log as it happens. With OPENAI_API_KEY set the assistant is the
real service, otherwise a simulated one. Exit status 0 only if the call did its job.
May import: appliance, admin, scripts, tests.peers.
"""

import argparse
import asyncio
import os
import shlex
import shutil
import signal
import socket
import sys
import time
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit

from appliance.store import calls, database, transcripts
from appliance.store.database import Connection
from scripts.call_page import CallPage, page_of
from scripts.loopback_box import (
    ACCOUNT_SID,
    API_KEY,
    AUTH_TOKEN,
    CALLER,
    CLINIC,
    FRONT_DESK,
    PUBLIC_URL,
    ROOT,
    BoxFailed,
    LoopbackBox,
)
from scripts.try_speech import KEYS_ALONE, PLACES, Speech, elsewhere, of_weights
from scripts.try_verdict import Tried, verdict, verdict_of_plan
from tests.peers.carrier import Account, CarrierPeer, Destination, Distance, Number, PhoneCall
from tests.peers.carrier import happenings as h
from tests.peers.carrier.caller import longest_s
from tests.peers.carrier.distance import milliseconds
from tests.peers.carrier.plan import read_plan
from tests.peers.realtime import SCRIPTS, RealtimePeer, Script

TALK = """
press 9
wait for reply
say s2p_what_time_is_it
wait for speech
wait 0.8
say s2p_nevermind
wait for reply
"""
"""The caller breaks in soon: answers are short, and one that is over by then is as good."""
PLAN = f"""{TALK}
wait 8
hang up
"""
UNPLUGS_AT = "wait 1.5"
PLAN_BY_KEYS = f"""{TALK}
{UNPLUGS_AT}
wait for reply
press 1
wait for speech
wait 6
press 3
wait for reply
say df_book_a_room
press #
wait for speech
wait 4
press 1
wait for speech
wait 5
press 2
wait for speech
wait 4
hang up
"""
ASKED_AT_MOST = 4
"""What a message may be asked about: its words, a name, a number, the urgency; "one" is yes to each."""

SAY_YES = "wait for reply\nsay fsdd_1_nicolas\n"

PLAN_BY_VOICE = f"""{TALK}
{UNPLUGS_AT}
wait for reply
say fsdd_1_nicolas
wait for reply
say fsdd_3_nicolas
wait for reply
say df_book_a_room
{ASKED_AT_MOST * SAY_YES}wait for reply
wait 5
hang up
"""
"""Press or say one: digits, of which even a small recogniser is sure."""

UNPLUGGED = (PLAN_BY_KEYS, PLAN_BY_VOICE)
FOLDER = ROOT / ".try"
REAL_SERVICE = "wss://api.openai.com/v1"
LOOK_S = 0.1
LATE_WORDS_S = 2.5
BESIDE_S = 120.0
"""What may pass beside the caller's plan: greetings, phones that ring, a talk with somebody."""
NO_WEIGHTS = "by keys, as there are no\nweights of a recogniser here"
NAMES = {"attendant": "Attendant", "caller": "Caller", "tool": "Tool"}
"""Keys are told by the carrier."""
STANDARD_VOICE = "espeak"


class Conversation:
    """Prints a call as it happens: the carrier's part from its journal, the talk from the box's call log."""

    def __init__(self, call: PhoneCall, db: Connection) -> None:
        self._call = call
        self._db = db
        self._spoken = 0
        self._entries = 0
        self._turns = 0
        self._waited = 0.0
        self._shown_ms = 0

    def look(self) -> None:
        """Print what is new."""
        for text in self._call.spoken[self._spoken :]:
            self._say(self._shown_ms, f"Menu: {text}")
        self._spoken = len(self._call.spoken)
        entries = list(self._call.journal)
        for entry in entries[self._entries :]:
            for line in _line(entry):
                self._say(entry.call_ms, line)
        self._entries = len(entries)
        self._look_for_words()

    def _look_for_words(self) -> None:
        row = calls.by_sid(self._db, self._call.sid)
        if row is None:
            return
        for turn in transcripts.of_call(self._db, row.id)[self._turns :]:
            # What the caller said is written down a moment after it was answered: keep the order.
            self._waited += LOOK_S
            if not turn.final and self._waited < LATE_WORDS_S:
                return
            self._waited = 0.0
            self._turns += 1
            cut = " —" if turn.cut else ""
            if turn.speaker in NAMES:
                self._say(self._call.line.now_ms, f"{NAMES[turn.speaker]}: {turn.text}{cut}")

    def _say(self, call_ms: int, line: str) -> None:
        self._shown_ms = call_ms = max(call_ms, self._shown_ms)
        print(f"  {_clock(call_ms)}  {line}", flush=True)


def _clock(call_ms: int) -> str:
    return f"{call_ms // 60000}:{call_ms / 1000 % 60:04.1f}"


def _line(entry: h.Happening) -> Iterator[str]:
    match entry:
        case h.KeyPressed():
            yield f"Caller presses {entry.key}"
        case h.StreamStarted():
            yield "(the assistant takes the call)"
        case h.ClearReceived():
            yield "(the caller breaks in: the assistant is silent)"
        case h.DialRang():
            yield f"(a phone rings: {entry.status})"
        case h.CallEnded():
            yield f"(the call is over: {entry.status})"


async def place(
    folder: Path,
    key: str | None,
    plan: str,
    distance: Distance,
    cloud_url: str = REAL_SERVICE,
    speech: Speech = KEYS_ALONE,
) -> Tried:
    """Place the call and print it. Raises BoxFailed when the bridge does not begin.

    With a key the service at cloud_url speaks; the key is on the disk only until the bridge has read it.
    Without the cloud the box hears by `speech`.
    """
    voice = STANDARD_VOICE if shutil.which("espeak-ng") else "synth"
    async with AsyncExitStack() as stack, AsyncExitStack() as plug:
        carrier = await stack.enter_async_context(CarrierPeer(account=Account(ACCOUNT_SID, AUTH_TOKEN)))
        if key is None:
            script = Script.read(SCRIPTS / "unplugged.toml")
            peer = RealtimePeer(script, key=API_KEY, voice=voice)
            cloud_url = (await plug.enter_async_context(peer)).url
        box = LoopbackBox(
            folder,
            cloud_url=cloud_url,
            rest_url=carrier.rest_url,
            api_key=key or API_KEY,
            settings={
                "listen": {"public_port": 0, "local_port": 0, "admin_port": _free_port()},
                "speech": speech.section,
            },
        )
        await stack.enter_async_context(box)
        if speech.own_program:
            await stack.enter_async_context(box.beside("speech"))
        box.forget_key()
        carrier.network.distance = distance
        carrier.network.addresses.add(PUBLIC_URL, box.public_base)
        carrier.network.numbers[CLINIC] = Number(
            f"{PUBLIC_URL}/twilio/voice", status_callback=f"{PUBLIC_URL}/twilio/status"
        )
        carrier.network.destinations[FRONT_DESK] = Destination.answers(2.0, 5.0)
        limit_s = longest_s(read_plan(plan)) + BESIDE_S
        unplugs = key is None and plan in UNPLUGGED
        call = await carrier.ring(caller=CALLER, called=CLINIC, plan=plan)
        async with asyncio.TaskGroup() as tasks:
            pulling = tasks.create_task(_pull(call, plug, limit_s), name="plug") if unplugs else None
            in_time = await _watch(call, box, limit_s)
            if pulling is not None:
                pulling.cancel()
        return Tried(call, box, in_time, by_voice=bool(speech.heard_by))


async def _pull(call: PhoneCall, plug: AsyncExitStack, limit_s: float) -> None:
    """Cut the simulated cloud off when our plan comes to that point, if it does."""
    try:
        await call.journal.wait_for(h.CallerActed, lambda acted: acted.step == UNPLUGS_AT, timeout_s=limit_s)
    except TimeoutError:
        return
    print(f"  {_clock(call.line.now_ms)}  (the plug of the cloud is pulled)", flush=True)
    await plug.aclose()


def _free_port() -> int:
    """A port for the page that stays the same when the page is opened again later."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


async def _watch(call: PhoneCall, box: LoopbackBox, limit_s: float) -> bool:
    """Print the call until it is over; False when that took too long, and it was ended."""
    db = database.connect_readonly(box.database)
    try:
        shown = Conversation(call, db)
        until_s = time.monotonic() + limit_s
        while time.monotonic() < until_s:
            shown.look()
            try:
                await call.done(LOOK_S)
            except TimeoutError:
                continue
            shown.look()
            return True
        call.hang_up()
        await call.done()
        return False
    finally:
        db.close()


def _report(tried: Tried, page: CallPage) -> None:
    box, wav = tried.box, tried.box.folder / "recording.wav"
    wav.write_bytes(tried.call.stereo_wav())
    command = _command(box)
    print(f"\nRecording  {wav}  (caller left, attendant right)")
    print(f"Call log   {command} call {page.call_id}")
    print(f"           in {box.database}")
    print(f"Page       {page.file}")
    print(f"           or live: {command} admin, and in another terminal {command} admin-link")
    if not tried.by_voice:
        print(f"By voice   {command} models fetch --default, then try it again")


def _command(box: LoopbackBox) -> Path:
    """A command of this box's own, so that nobody has to type its settings."""
    path = box.folder / "attendant"
    quoted = [shlex.quote(str(part)) for part in (ROOT, sys.executable, box.config)]
    path.write_text(
        "#!/bin/sh\n"
        f'PYTHONPATH={quoted[0]} exec {quoted[1]} -m appliance.cli.main --config {quoted[2]} "$@"\n'
    )
    path.chmod(0o755)
    return path


async def _try(arguments: argparse.Namespace, speech: Speech) -> int:
    key = os.environ.get("OPENAI_API_KEY") or None
    who = (
        f"the real service at {urlsplit(arguments.cloud).hostname}"
        if key
        else "a simulated one (OPENAI_API_KEY is not set)"
    )
    print(f"The assistant is {who}. The caller is a recording of human speech.\n", flush=True)
    if arguments.folder.exists():
        shutil.rmtree(arguments.folder)
    arguments.folder.mkdir(parents=True)
    by_itself = PLAN_BY_VOICE if speech.heard_by else PLAN_BY_KEYS
    plan = arguments.plan.read_text() if arguments.plan else PLAN if key else by_itself
    if not (key or arguments.plan):
        how = f"by voice, heard by\n{speech.heard_by}" if speech.heard_by else NO_WEIGHTS
        print(f"Halfway the cloud's plug is pulled, and the box goes on by itself: {how}.\n", flush=True)
    distance = Distance(arguments.round_trip_ms, arguments.jitter_ms)
    tried = await place(arguments.folder, key, plan, distance, arguments.cloud, speech)
    _report(tried, await page_of(tried.box, tried.call.sid))
    problems = verdict_of_plan(tried) if arguments.plan else verdict(tried, unplugged=not key)
    for problem in problems:
        print(f"Not right: {problem}.", file=sys.stderr)
    if problems:
        print(f"The bridge's log is {tried.box.log_path}.", file=sys.stderr)
    return 1 if problems else 0


def _speech(arguments: argparse.Namespace) -> Speech:
    if arguments.recogniser:
        return elsewhere(arguments.recogniser)
    places = (arguments.models,) if arguments.models else PLACES
    return of_weights(arguments.folder, places, arguments.whisper)


async def _until_asked_to_stop(work: Coroutine[None, None, int]) -> int:
    """Do the work; asked to stop, it unwinds, so that the folder is left without the key."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    # An exception thrown by a signal's handler may land in a place that swallows it; a cancellation does not.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if task is not None:
            loop.add_signal_handler(number, task.cancel)
    return await work


def main() -> int:
    """Place the call; 0 if it did its job."""
    parser = argparse.ArgumentParser("call", description="Place a call through a box on loopback.")
    parser.add_argument("--plan", type=Path, help="what the caller does, one step a line")
    parser.add_argument("--folder", type=Path, default=FOLDER / "box", help="where the box lives; made anew")
    far = "how far away the carrier is, there and back"
    parser.add_argument("--round-trip-ms", type=milliseconds, default=0.0, help=far)
    parser.add_argument("--jitter-ms", type=milliseconds, default=0.0, help="up to so much more, each way")
    parser.add_argument("--cloud", default=REAL_SERVICE, help="where the real service is")
    lie = "where weights lie; otherwise .try/models, then those of this machine's own box"
    parser.add_argument("--models", type=Path, help=lie)
    parser.add_argument(
        "--whisper", default="", help="the weights that hear; otherwise the first that are whole"
    )
    parser.add_argument(
        "--recogniser", default="", help="a Wyoming server that hears instead, such as tcp://HOST:PORT"
    )
    arguments = parser.parse_args()
    speech = _speech(arguments)
    if arguments.whisper and not speech.own_program:
        parser.error(f"there are no whole weights {arguments.whisper} where weights lie")
    try:
        return asyncio.run(_until_asked_to_stop(_try(arguments, speech)))
    except BoxFailed as exc:
        print(f"The bridge did not begin:\n{exc}", file=sys.stderr)
        return 1
    except asyncio.CancelledError:
        return 130
    finally:
        LoopbackBox(arguments.folder).forget_key()


if __name__ == "__main__":
    sys.exit(main())
