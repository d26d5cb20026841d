"""<Gather>: keys and speech, while prompts play and after them.

May import: the standard library, this package.
"""

from dataclasses import dataclass

from tests.peers.carrier.call import Document
from tests.peers.carrier.caller import Acts
from tests.peers.carrier.prompts import sound_of
from tests.peers.carrier.stage import Stage
from tests.peers.carrier.twiml import Verb
from tests.peers.carrier.ulaw import FRAME_MS

AUTO_SPEECH_TIMEOUT_S = 1
CONFIDENCE = "0.9128"


@dataclass(slots=True)
class Gathering:
    """What was gathered so far, fed with what the caller does in each tick."""

    verb: Verb
    keys: str = ""
    finished_on: str = ""
    words: str = ""
    done: bool = False
    _speaking: bool = False
    _speech_ms: int = 0
    _quiet_ms: int = 0

    @property
    def begun(self) -> bool:
        """The caller has given something, and prompts fall silent."""
        return bool(self.keys or self.words or self.done)

    @property
    def _inputs(self) -> list[str]:
        return self.verb.get("input", "dtmf").split()

    def take(self, acts: Acts, *, in_prompt: bool) -> None:
        """One tick of the caller's."""
        self._quiet_ms += FRAME_MS
        if acts.key is not None and "dtmf" in self._inputs:
            self._take_key(acts.key)
        if "speech" in self._inputs and not self.keys:
            self._take_speech(acts, in_prompt)
        if not in_prompt and self._quiet_ms >= self._patience_s() * 1000:
            self.done = True

    def listen(self) -> None:
        """The prompts are over: now the caller's time runs."""
        if not self.begun:
            self._quiet_ms = 0

    def _take_key(self, key: str) -> None:
        self._quiet_ms = 0
        self.words = ""
        if key == self.verb.get("finishOnKey", "#"):
            self.finished_on = key
            self.done = True
            return
        self.keys += key
        self.done = len(self.keys) == self.verb.number("numDigits", 10**6)

    def _take_speech(self, acts: Acts, in_prompt: bool) -> None:
        deaf = in_prompt and not self.words and not self.verb.flag("bargeIn", True)
        if acts.begins and acts.utterance and not deaf:
            self._speaking = True
            self.words = f"{self.words} {acts.utterance}".strip()
        self._speaking = self._speaking and acts.frame is not None
        if self._speaking:
            self._quiet_ms = 0
            self._speech_ms += FRAME_MS
            self.done = self.done or self._speech_ms >= self.verb.number("maxSpeechTime", 60) * 1000

    def _patience_s(self) -> int:
        timeout_s = self.verb.number("timeout", 5)
        if not self.words:
            return timeout_s
        speech_timeout = self.verb.get("speechTimeout", str(timeout_s))
        return AUTO_SPEECH_TIMEOUT_S if speech_timeout == "auto" else int(speech_timeout)

    def result(self) -> dict[str, str]:
        """The parameters for the action; none when nothing was gathered."""
        if self.keys:
            return {"msg": "Gather End", "Digits": self.keys, "FinishedOnKey": self.finished_on}
        if self.words:
            return {"msg": "Gather End", "SpeechResult": self.words, "Confidence": CONFIDENCE}
        return {}

    def empty_result(self) -> dict[str, str]:
        names = {"dtmf": "Digits", "speech": "SpeechResult"}
        return {"msg": "Gather End", **{names[kind]: "" for kind in self._inputs}}


async def gather(stage: Stage, verb: Verb) -> Document | None:
    """Gather, and go where the action says; without input, on to the next verb."""
    gathering = Gathering(verb)
    for prompt in verb.children:
        for frame, talking in await sound_of(stage, prompt):
            gathering.take(await stage.tick(frame, talking=talking), in_prompt=True)
            if gathering.begun:
                break
        else:
            continue
        break
    gathering.listen()
    while not gathering.done:
        gathering.take(await stage.tick(), in_prompt=False)
    result = gathering.result()
    if not result and verb.flag("actionOnEmptyResult", False):
        result = gathering.empty_result()
    return stage.action(verb, result) if result else None
