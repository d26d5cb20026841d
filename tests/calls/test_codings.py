"""Full calls for every coding of a leg and either format of the service.

The real bridge, in this process: a leg of that coding is held at its port `Switchboard`, and the
service's peer speaks over a socket. All calls are played at the same time, those of a kind on one bridge.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from appliance.core.coding import BYTES_PER_MS, RATES, Coding
from appliance.core.dispositions import PEOPLE
from appliance.core.settings import load
from appliance.core.steps import Assist, CallOffered
from appliance.languages.prompts import prompts
from appliance.service.bridge import Bridge
from models.local.shaping import LOUDNESS, loudness
from scripts.loopback_box import API_KEY, CALLER, CLINIC, LoopbackBox
from tests.calls.pcm_leg import PcmLeg, spoken
from tests.peers.realtime import RealtimePeer, Script, Session
from tests.peers.realtime.g711 import decode_ulaw

GREETING_WORDS = "Riverside Clinic, good morning."
LONG = "The office is on Elm Street between the library and the post office, with the entrance at the back."
LAST = "All right."
SCRIPT = f"""
[[turn]]
on = "greeting"
say = "{GREETING_WORDS}"
[[turn]]
on = "utterance"
heard = "weather"
say = "{LONG}"
[[turn]]
on = "utterance"
heard = "nevermind"
say = "{LAST}"
"""
Audio = Literal["pcmu", "pcm24"]
CODINGS: list[Coding] = ["ulaw_8k", "pcm_8k", "pcm_16k", "pcm_24k"]
KINDS: list[tuple[Coding, Audio]] = [
    ("ulaw_8k", "pcm24"),
    ("pcm_8k", "pcmu"),
    ("pcm_8k", "pcm24"),
    ("pcm_16k", "pcmu"),
    ("pcm_16k", "pcm24"),
    ("pcm_24k", "pcm24"),
]
WIDE: dict[Coding, bool] = {"pcm_16k": True, "pcm_24k": True, "pcm_8k": False}
"""Legs, and whether they carry what a telephone does not."""
OWN_EAR: list[Coding] = ["pcm_8k", "pcm_16k"]
BEGINS_S = 20.0
GREETED_MS = 4000
NO_CLOUD = "ws://127.0.0.1:9/v1"
WIDE_HZ = 5000
TAIL_MS = 300


def pcm(audio: bytes, coding: Coding) -> NDArray[np.float64]:
    samples = decode_ulaw(audio) if coding == "ulaw_8k" else np.frombuffer(audio, "<i2")
    return samples.astype(np.float64)


def band(sound: NDArray[np.float64], rate: int) -> NDArray[np.complex128]:
    """What a telephone carries of a sound, comparable between rates: its spectrum from 200 to 3000 Hz."""
    spectrum = np.fft.rfft(sound) / len(sound)
    hz = np.arange(len(spectrum)) * rate / len(sound)
    return spectrum[(hz >= 200) & (hz < 3000)]


def assert_same(made: NDArray[np.float64], rate: int, sent: NDArray[np.float64], sent_rate: int) -> None:
    """The same sound, equally long, equally loud and not shifted."""
    assert len(made) / rate == pytest.approx(len(sent) / sent_rate, abs=1 / 8000)
    one, other = band(made, rate), band(sent, sent_rate)
    size = min(len(one), len(other))
    one, other = one[:size], other[:size]
    alike = np.abs(np.vdot(one, other)) / np.linalg.norm(one) / np.linalg.norm(other)
    assert alike > 0.99
    assert 20 * np.log10(np.linalg.norm(one) / np.linalg.norm(other)) == pytest.approx(0, abs=0.5)


@dataclass(frozen=True)
class Held:
    """A call that is held by the bridge."""

    leg: PcmLeg
    session: Session
    cloud: RealtimePeer

    @property
    def service(self) -> Coding:
        """What the service is sent."""
        kind = self.session.config["audio"]["input"]["format"]["type"]
        return "ulaw_8k" if kind == "audio/pcmu" else "pcm_24k"

    def sent(self, item: int) -> bytes:
        """The audio that the service sent of its so-manieth item."""
        return bytes(list(self.session.audio_out.values())[item])

    def sent_bytes(self, item: int) -> int:
        """How many bytes of the leg's an item is."""
        return len(self.sent(item)) // BYTES_PER_MS[self.service] * BYTES_PER_MS[self.leg.coding]

    def heard(self) -> NDArray[np.float64]:
        """What the service was sent."""
        return pcm(bytes(self.session.audio_in), self.service)

    async def until_taken(self) -> None:
        """Until the service has all that the caller said."""
        await self.leg.until_said()
        enough = len(self.session.audio_in) + TAIL_MS * BYTES_PER_MS[self.service]
        await self.cloud.wait_for(lambda: len(self.session.audio_in) >= enough, BEGINS_S)

    async def until_told(self, kind: str) -> list[dict[str, Any]]:
        return await self.cloud.wait_for(lambda: self.session.received_of(kind), BEGINS_S)


@asynccontextmanager
async def bridge(
    folder: Path, cloud_url: str, audio: Audio, *, local: bool = True, **staff: Any
) -> AsyncIterator[Bridge]:
    """The bridge in this process, without a carrier."""
    box = LoopbackBox(
        folder,
        cloud_url=cloud_url,
        settings={"cloud": {"audio": audio}, "twilio": {"account_sid": ""}, "local": {"enabled": local}},
        staff={"front_door": "assistant", **staff},
    )
    await asyncio.to_thread(box.prepare)
    serving = Bridge(load(box.config))
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(serving.run(), name="bridge")
        async with asyncio.timeout(BEGINS_S):
            await serving.listening.wait()
        try:
            yield serving
        finally:
            running.cancel()


NUMBERS = count()


async def answered(serving: Bridge, leg: PcmLeg) -> None:
    """Offer a call as a carrier's bridge does, and have it held until it is over."""
    switchboard, sid = serving.switchboard, f"CApcm{next(NUMBERS)}"
    steps = await switchboard.offer(CallOffered(sid, CALLER, CLINIC, "pbx"))
    token = next(step.token for step in steps if isinstance(step, Assist))
    assert switchboard.admit(token, sid)
    await switchboard.hold(sid, leg)


@asynccontextmanager
async def held(
    folder: Path, codings: Iterable[Coding], audio: Audio, **staff: Any
) -> AsyncIterator[list[Held]]:
    """A call from each such leg, answered; hung up in the end, with nothing left of them in the bridge."""
    async with (
        RealtimePeer(Script.parse(SCRIPT), key=API_KEY) as cloud,
        bridge(folder, cloud.url, audio, **staff) as serving,
        asyncio.TaskGroup() as tasks,
    ):
        calls = list[Held]()
        for number, coding in enumerate(codings):
            leg = PcmLeg(coding)
            tasks.create_task(answered(serving, leg), name=coding)
            calls.append(Held(leg, await cloud.session(number + 1), cloud))
        yield calls
        for call in calls:
            call.leg.hang_up()


@dataclass(frozen=True)
class Talk:
    """A call in which the caller asked, and broke into the answer."""

    call: Held
    greeting: bytes
    """What the caller heard of the service's three items: of the second as far as it was played."""
    answer: bytes
    last: bytes
    heard_ms: float
    truncated: dict[str, Any]


async def talk(call: Held) -> Talk:
    leg, coding = call.leg, call.leg.coding
    await leg.until_quiet()
    greeting = bytes(leg.played)
    leg.say(spoken("weather", coding))
    await leg.until_heard(1500, since=len(greeting))
    leg.say(spoken("s2p_nevermind", coding))
    (truncated,) = await call.until_told("conversation.item.truncate")
    ((played, received),) = leg.cleared_at
    await leg.until_quiet(since=received)
    heard_ms = (played - len(greeting)) / BYTES_PER_MS[coding]
    answer, last = bytes(leg.received[len(greeting) : played]), bytes(leg.received[received:])
    return Talk(call, greeting, answer, last, heard_ms, truncated)


async def say_with_a_hiss(call: Held) -> Held:
    """Say something in which there is a tone that no telephone carries, if the leg does."""
    coding, rate = call.leg.coding, RATES[call.leg.coding]
    hiss = 1500 * np.sin(2 * np.pi * WIDE_HZ * np.arange(rate) / rate) if WIDE[coding] else None
    await call.leg.until_quiet()
    call.leg.say(spoken("weather", coding, hiss))
    await call.until_taken()
    return call


async def ask(call: Held) -> Held:
    await call.leg.until_quiet()
    call.leg.say(spoken("weather", call.leg.coding))
    await call.leg.until_heard(100, since=len(call.leg.played))
    return call


async def be_greeted(leg: PcmLeg) -> None:
    await leg.until_heard(GREETED_MS)
    leg.hang_up()


@dataclass(frozen=True)
class Played:
    """All calls of this module, by the leg's coding."""

    talks: dict[tuple[Coding, Audio], Talk] = field(default_factory=dict)
    wide: dict[Coding, Held] = field(default_factory=dict)
    own_ear: dict[Coding, Held] = field(default_factory=dict)
    recorded: dict[Coding, PcmLeg] = field(default_factory=dict)
    local: dict[Coding, PcmLeg] = field(default_factory=dict)

    async def talk(self, folder: Path, audio: Audio) -> None:
        codings = [coding for coding, each in KINDS if each == audio]
        async with held(folder, codings, audio) as calls:
            for each in await asyncio.gather(*map(talk, calls)):
                self.talks[each.call.leg.coding, audio] = each

    async def hiss(self, folder: Path) -> None:
        async with held(folder, WIDE, "pcm24") as calls:
            self.wide.update(
                {call.leg.coding: call for call in await asyncio.gather(*map(say_with_a_hiss, calls))}
            )

    async def end_turns(self, folder: Path) -> None:
        async with held(folder, OWN_EAR, "pcm24", turn_detection="manual") as calls:
            self.own_ear.update({call.leg.coding: call for call in await asyncio.gather(*map(ask, calls))})

    async def lose_the_cloud(self, folder: Path) -> None:
        self.recorded.update({coding: PcmLeg(coding) for coding in CODINGS})
        async with bridge(folder, NO_CLOUD, "pcm24", local=False) as serving:
            await asyncio.gather(*(answered(serving, leg) for leg in self.recorded.values()))

    async def go_on_alone(self, folder: Path) -> None:
        self.local.update({coding: PcmLeg(coding) for coding in CODINGS})
        async with bridge(folder, NO_CLOUD, "pcm24") as serving, asyncio.TaskGroup() as tasks:
            for leg in self.local.values():
                tasks.create_task(answered(serving, leg), name="leg")
                tasks.create_task(be_greeted(leg), name="caller")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    made = Played()

    async def all_of_them() -> None:
        folders = (tmp_path_factory.mktemp("box") for _ in range(6))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(made.talk(next(folders), "pcmu"), name="talks")
            tasks.create_task(made.talk(next(folders), "pcm24"), name="wide talks")
            for plays in (made.hiss, made.end_turns, made.lose_the_cloud, made.go_on_alone):
                tasks.create_task(plays(next(folders)), name=plays.__name__)

    try:
        asyncio.run(all_of_them())
    finally:
        gc.unfreeze()
    return made


@pytest.mark.parametrize("kind", KINDS)
def test_both_hear_each_other_and_a_cut_reply_is_cut_where_it_was(
    kind: tuple[Coding, Audio], played: Played
) -> None:
    made, coding = played.talks[kind], kind[0]
    call, rate = made.call, RATES[coding]
    assert_same(pcm(made.greeting, coding), rate, pcm(call.sent(0), call.service), RATES[call.service])
    assert made.truncated["item_id"] == list(call.session.audio_out)[1]
    assert made.heard_ms > 1000
    assert abs(made.truncated["audio_end_ms"] - made.heard_ms) <= 20
    cut = call.sent(1)[: round(made.heard_ms) * BYTES_PER_MS[call.service]]
    answer = made.answer[: round(made.heard_ms) * BYTES_PER_MS[coding]]
    assert_same(pcm(answer, coding), rate, pcm(cut, call.service), RATES[call.service])
    assert len(made.last) == call.sent_bytes(2)
    assert call.session.sent_of("error") == []
    assert [each.text for each in call.session.conversation.items if each.role == "user"] == [
        "weather",
        "nevermind",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_the_service_hears_the_caller_as_loud_and_as_long(kind: tuple[Coding, Audio], played: Played) -> None:
    call, coding = played.talks[kind].call, kind[0]
    heard, rate = call.heard(), RATES[call.service]
    sound = pcm(spoken("weather", coding), coding)
    loud = np.flatnonzero(np.abs(heard) > 0.5 * np.abs(sound).max())
    first = np.flatnonzero(np.abs(sound) > 0.5 * np.abs(sound).max())[0] / RATES[coding]
    begins = round((loud[0] / rate - first) * rate)
    assert_alike(
        heard[begins : begins + round(len(sound) / RATES[coding] * rate)], rate, sound, RATES[coding]
    )


def assert_alike(made: NDArray[np.float64], rate: int, sent: NDArray[np.float64], sent_rate: int) -> None:
    """Equally long and equally loud; where it begins is known to a sample only."""
    assert len(made) / rate == pytest.approx(len(sent) / sent_rate, abs=1 / 8000)
    levels = [np.linalg.norm(band(each, hz)) for each, hz in ((made, rate), (sent, sent_rate))]
    assert 20 * np.log10(levels[0] / levels[1]) == pytest.approx(0, abs=0.5)


@pytest.mark.parametrize("coding", WIDE)
def test_a_wideband_voice_reaches_the_service_whole(coding: Coding, played: Played) -> None:
    """What a telephone does not carry, a wideband leg does: nothing in between narrows it."""
    heard = played.wide[coding].heard()
    spectrum = np.abs(np.fft.rfft(heard)) ** 2
    hz = np.arange(len(spectrum)) * 24000 / len(heard)
    near = spectrum[np.abs(hz - WIDE_HZ) < 50].sum()
    beside = spectrum[np.abs(hz - 6000) < 50].sum()
    assert (10 * np.log10(near / beside) > 30) == WIDE[coding]


@pytest.mark.parametrize("coding", OWN_EAR)
def test_our_own_ear_ends_the_turns_of_a_leg_of_pcm(coding: Coding, played: Played) -> None:
    """The detector hears what the leg's caller says, though it knows µ-law alone."""
    session = played.own_ear[coding].session
    assert len(session.received_of("input_audio_buffer.commit")) == 1
    assert session.config["audio"]["input"]["turn_detection"] is None


# Our own voice --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("coding", CODINGS)
def test_the_recorded_sentence_is_heard_whole_when_the_cloud_is_down(coding: Coding, played: Played) -> None:
    leg = played.recorded[coding]
    recorded = prompts("en").recorded["cloud_lost"]
    assert leg.left == PEOPLE
    assert_same(pcm(bytes(leg.played), coding), RATES[coding], pcm(recorded, "ulaw_8k"), 8000)


@pytest.mark.parametrize("coding", CODINGS)
def test_the_local_assistant_greets_as_loud_in_every_coding(coding: Coding, played: Played) -> None:
    said = pcm(bytes(played.local[coding].played), coding)
    frame = RATES[coding] // 50
    assert len(said) % frame == 0
    assert len(said) / RATES[coding] >= GREETED_MS / 1000
    frames = said.reshape(-1, frame).astype(np.int16)
    assert 20 * np.log10(loudness(frames) / LOUDNESS) == pytest.approx(0, abs=3)
