"""A typed rehearsal at the bridge, asked turn by turn from another process of the box.

May import: the standard library, orjson, appliance.core.
"""

import http.client
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from appliance.core.errors import AttendantError
from appliance.core.rehearsal import LINE_MOST, REFUSED, HangUp, Outline, Refusal, Step, step, written

PATH = "/rehearse/typed"
WITHIN_S = 15.0
"""The bridge answers within 10 s, with what it has by then."""
READ_MOST = 4 * 1024 * 1024
AWAY = "The bridge does not answer: see whether attendant-bridge runs."
GONE = "That rehearsal is over."


class NoRehearsal(AttendantError):
    """It cannot be, now. `why` is what the bridge said, where that is one of its own reasons."""

    def __init__(self, problem: str, why: Refusal | None = None) -> None:
        super().__init__(problem)
        self.why = why


@dataclass(frozen=True, slots=True)
class State:
    """How a rehearsal stands: all that happened in it, as the bridge tells it."""

    name: str
    told: tuple[Mapping[str, Any], ...]
    over: bool

    @property
    def end(self) -> Mapping[str, Any] | None:
        """What is told at its end, when it came to that."""
        return next((each for each in self.told if each.get("told") == "over"), None)

    @property
    def caller(self) -> str:
        """The number that the call comes from; empty when it is withheld."""
        return next((str(each["caller"]) for each in self.told if each.get("told") == "begun"), "")

    @property
    def outline(self) -> Outline | None:
        """What was decided in it, once it is over."""
        return None if self.end is None else Outline.read(self.end["outline"])

    @property
    def steps(self) -> list[Step]:
        """What whoever rehearsed has said and pressed, in the order in which it began."""
        found: dict[object, Mapping[str, Any]] = {}
        for at, each in enumerate(self.told):
            match each:
                case {"told": "key", "key": str(key)}:
                    found["key", at] = {"key": key}
                case {"told": "turn", "speaker": "caller", "place": int(place), "text": str(text)} if text:
                    found["turn", place] = {"line": text[:LINE_MOST]}
        return [done for each in found.values() if (done := step(each)) is not None]


def begin(port: int, token: str) -> State:
    """Begin one; the assistant has spoken first when this returns. Raises NoRehearsal."""
    return _state(_asked(port, "POST", PATH, {"token": token}))


def do(port: int, name: str, done: Step) -> State:
    """Do something in it; the assistant has answered when this returns. Raises NoRehearsal."""
    return _state(_asked(port, "POST", f"{PATH}/{name}", written(done)), name)


def look(port: int, name: str) -> State:
    """How it stands. Raises NoRehearsal."""
    return _state(_asked(port, "GET", f"{PATH}/{name}"), name)


def play(port: int, token: str, steps: Iterable[Step]) -> Outline:
    """Do all of these steps one after the other, and hang up; what was decided. Raises NoRehearsal."""
    state = begin(port, token)
    for each in steps:
        if state.over:
            break
        state = do(port, state.name, each)
    if not state.over:
        state = do(port, state.name, HangUp())
    if state.outline is None:
        raise NoRehearsal("The rehearsal has not come to an end in time.")
    return state.outline


def _asked(port: int, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The bridge's answer. Raises NoRehearsal."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WITHIN_S)
    sent = None if body is None else orjson.dumps(dict(body))
    headers = {} if sent is None else {"Content-Type": "application/json"}
    try:
        connection.request(method, path, sent, headers)
        answer = connection.getresponse()
        said = answer.read(READ_MOST)
        tree = orjson.loads(said) if answer.status == http.client.OK else None
    except (OSError, http.client.HTTPException, orjson.JSONDecodeError) as exc:
        raise NoRehearsal(AWAY) from exc
    finally:
        connection.close()
    if answer.status == http.client.NOT_FOUND:
        raise NoRehearsal(GONE)
    if not isinstance(tree, dict):
        raise NoRehearsal(AWAY)
    return tree


def _state(tree: Mapping[str, Any], name: str = "") -> State:
    """How it stands by the bridge's answer. Raises NoRehearsal, also where it may not be."""
    told = tuple(each for each in tree.get("told", ()) if isinstance(each, dict))
    for each in told:
        if each.get("told") == "refused" and each.get("why") in list(Refusal):
            why = Refusal(each["why"])
            raise NoRehearsal(REFUSED[why], why)
        if each.get("told") == "failed":
            raise NoRehearsal(str(each.get("why")))
    return State(name or str(tree.get("name", "")), told, bool(tree.get("over")))
