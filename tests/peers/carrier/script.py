"""A call from ring to end: documents are fetched, their verbs performed, the call goes where they say.

May import: the standard library, this package.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from math import inf

from tests.peers.carrier import happenings as h
from tests.peers.carrier.call import Disposition, Document, PhoneCall, Status
from tests.peers.carrier.callbacks import Callbacks
from tests.peers.carrier.connect import connect
from tests.peers.carrier.dial import dial
from tests.peers.carrier.gather import gather
from tests.peers.carrier.network import Destination, Network
from tests.peers.carrier.prompts import sound_of
from tests.peers.carrier.record import record
from tests.peers.carrier.requests import Answer, Request, RequestFailed, Requests
from tests.peers.carrier.stage import (
    CallerLeft,
    CallOver,
    CallRejected,
    CallUpdated,
    DocumentFailed,
    Stage,
    play,
)
from tests.peers.carrier.twiml import Verb

Performer = Callable[[Stage, Verb], Awaitable[Document | None]]
MOST_DOCUMENTS = 200
"""A call that asks for more goes round in a circle."""
APPLICATION_ERROR = "We are sorry, an application error has occurred. Goodbye."
LOOP = 12000
Ending = tuple[Disposition, Status]


class ApplicationError(Exception):
    """Nothing is left that the call could go on with."""


async def hold(
    call: PhoneCall, network: Network, requests: Requests, destination: Destination | None
) -> None:
    """Hold a call until all of it is over; a destination is the telephone that we rang."""
    async with asyncio.TaskGroup() as tasks:
        stage = Stage(call, network, requests, tasks)
        stage.screener = screen
        callbacks = Callbacks(stage)
        disposition, status = await _ended(stage, callbacks, destination)
        call.end(disposition, status)
        stage.release()
        _finish_recordings(call)
        callbacks.add("completed")
        callbacks.close()
    if call.faults.replay_after_end:
        await _replay(stage)


def _finish_recordings(call: PhoneCall) -> None:
    for recording, began_ms in call.live_recordings:
        recording.ulaw_8k = call.line.said.render(began_ms, call.line.now_ms)
        recording.status = "completed"
        call.recordings.append(recording)


async def _ended(stage: Stage, callbacks: Callbacks, destination: Destination | None) -> Ending:
    callbacks.add("initiated")
    callbacks.add("ringing")
    try:
        if destination is not None and destination.outcome != "completed":
            return "not-answered", destination.outcome
        if destination is not None:
            stage.call.status = "ringing"
            await stage.pass_s(destination.answers_after_s)
            stage.call.answer()
            callbacks.add("answered")
        await _go_on(stage, callbacks)
    except CallerLeft:
        return "caller-hung-up", "completed" if stage.call.answered_ms is not None else "no-answer"
    except CallUpdated:
        return "rest-ended", "completed" if stage.call.answered_ms is not None else "canceled"
    except CallRejected as exc:
        return "rejected", "busy" if str(exc) == "busy" else "no-answer"
    except ApplicationError:
        stage.call.answer()
        stage.call.spoken.append(APPLICATION_ERROR)
        return "application-error", "completed"
    except CallOver:
        pass
    stage.call.answer()
    return "twiml-ended", "completed"


async def _go_on(stage: Stage, callbacks: Callbacks) -> None:
    """From document to document, until there is no further one."""
    number = stage.call.number
    document = Document(number.voice_url, number.voice_method, stage.call.first_twiml, purpose="voice")
    for _ in range(MOST_DOCUMENTS):
        try:
            following = await _play(stage, document, callbacks)
        except CallUpdated:
            following = _updated(stage.call)
        except DocumentFailed as exc:
            following = _fallback(stage.call, document, exc)
        if following is None:
            return
        document = following
    stage.call.trouble(LOOP, f"more than {MOST_DOCUMENTS} documents: the TwiML goes round in a circle")
    raise ApplicationError


def _updated(call: PhoneCall) -> Document:
    update, call.update = call.update, None
    call.interrupted.clear()
    if not isinstance(update, Document):
        raise CallUpdated
    return update


def _fallback(call: PhoneCall, failed: Document, exc: DocumentFailed) -> Document:
    call.trouble(exc.code, str(exc), exc.url)
    if not call.number.fallback_url or failed.purpose == "fallback":
        raise ApplicationError from exc
    extra = {"ErrorCode": str(exc.code), "ErrorUrl": exc.url}
    return Document(call.number.fallback_url, call.number.fallback_method, purpose="fallback", extra=extra)


async def _play(stage: Stage, document: Document, callbacks: Callbacks) -> Document | None:
    verbs = await (_ask_doubly(stage, document) if _is_doubled(stage, document) else stage.ask(document))
    for verb in verbs:
        stage.check()
        stage.call.journal.note(h.VerbRun, verb.name, verb.attributes, verb.text)
        if _answers(stage, verb, verbs[0]):
            stage.call.answer()
            callbacks.add("answered")
        following = await PERFORMERS[verb.name](stage, verb)
        if following is not None:
            return following
    return None


def _is_doubled(stage: Stage, document: Document) -> bool:
    return document.purpose == "voice" and stage.call.faults.double_voice_webhook


async def _ask_doubly(stage: Stage, document: Document) -> tuple[Verb, ...]:
    """The same request twice at the same time: one token, one signature, two connections."""
    params = {**stage.call.params(), **document.extra}
    request = Request(document.url, params, document.method, stage.call.faults.signature)
    stage.tasks.create_task(stage.send("voice again", request), name=f"{stage.call.sid} voice again")
    answer: Answer | RequestFailed = await stage.send("voice", request)
    return stage.accept(document, answer)


async def _replay(stage: Stage) -> None:
    """Byte for byte what began the call, after its end."""
    posted = stage.call.journal.first(h.WebhookPosted)
    method, kind = stage.call.number.voice_method, stage.call.faults.signature
    await stage.send("voice replayed", Request(posted.url, posted.params, method, kind, posted.token))


def _answers(stage: Stage, verb: Verb, first: Verb) -> bool:
    """Whether this verb makes the carrier pick up the call."""
    if stage.call.answered_ms is not None or verb.name in ("Reject", "Redirect"):
        return False
    if verb.name == "Pause":
        return verb is not first
    return not (verb.name == "Dial" and verb.flag("answerOnBridge", False))


async def screen(stage: Stage, callee: PhoneCall, document: Document) -> bool:
    """Play a document to somebody who is to take a call; whether they stay for it."""
    callee.answer()
    theirs = Stage(callee, stage.network, stage.requests, stage.tasks)
    following: Document | None = document
    callbacks = Callbacks(theirs)
    try:
        while following is not None:
            following = await _play(theirs, following, callbacks)
    except (CallOver, CallerLeft, CallRejected):
        return False
    except DocumentFailed as exc:
        stage.call.trouble(exc.code, str(exc), exc.url)
        return False
    finally:
        callbacks.close()
        stage.call.screenings.append(callee)
    return True


async def _sound(stage: Stage, verb: Verb) -> None:
    if verb.number("loop", 1) == 0:
        once = replace(verb, attributes={**verb.attributes, "loop": "1"})
        await play(stage, await sound_of(stage, once))
        await stage.pass_s(inf, talking=True)
    await play(stage, await sound_of(stage, verb))


async def _redirect(stage: Stage, verb: Verb) -> Document:
    return Document(stage.resolve(verb.text), verb.get("method", "POST"), purpose="redirect")


async def _hang_up(stage: Stage, verb: Verb) -> None:
    raise CallOver


async def _reject(stage: Stage, verb: Verb) -> None:
    if stage.call.answered_ms is not None:
        raise DocumentFailed(12200, "<Reject> in a call that is answered", stage.document.url)
    raise CallRejected(verb.get("reason", "rejected"))


PERFORMERS: dict[str, Performer] = {
    "Say": _sound,
    "Play": _sound,
    "Pause": _sound,
    "Gather": gather,
    "Record": record,
    "Dial": dial,
    "Connect": connect,
    "Redirect": _redirect,
    "Hangup": _hang_up,
    "Reject": _reject,
}
