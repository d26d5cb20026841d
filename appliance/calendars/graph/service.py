"""Questions to Microsoft Graph: token, headers, one repetition where it helps, and not too many at once.

May import: the standard library, appliance.core, the other files of this package but calendar.
"""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from appliance.calendars.graph.account import Account
from appliance.calendars.graph.line import Answer, Line, LineBroke
from appliance.calendars.graph.patience import Clock, Patience
from appliance.calendars.graph.refusals import CROSSED, code_of, refusal, wait_of
from appliance.calendars.graph.tokens import Tokens
from appliance.core.calendar import CalendarFailed, Trouble

T = TypeVar("T")
AT_ONCE = 4
"""What Exchange Online allows one app at one mailbox."""
ENOUGH_S = 0.4
"""Time without which a repetition is not begun."""
PAUSE_S = 0.2
"""Before it, when Microsoft does not say how long."""
PREFER = 'outlook.timezone="UTC", IdType="ImmutableId"'


class Again(Exception):
    """The same may succeed after so many seconds; `failure` is what it is when there is no time for that."""

    def __init__(self, failure: CalendarFailed, after_s: float) -> None:
        super().__init__(str(failure))
        self.failure = failure
        self.after_s = after_s


class Gate:
    """The way to one mailbox: so many at once, and nobody while Microsoft has asked us to wait."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._room = threading.BoundedSemaphore(AT_ONCE)
        self._shut_until = 0.0

    def shut(self, seconds: float) -> None:
        """Let nobody through for so long."""
        self._shut_until = max(self._shut_until, self._clock.now() + seconds)

    @contextmanager
    def passage(self, patience: Patience) -> Iterator[None]:
        """Go through. Raises Again while it is shut, CalendarFailed when there is no room in time."""
        if not self._room.acquire(timeout=patience.some_s()):
            raise CalendarFailed("Too much is asked of this mailbox at once.", Trouble.BUSY)
        try:
            wait_s = self._shut_until - self._clock.now()
            if wait_s > 0:
                failure = CalendarFailed(
                    "Microsoft asked to be left alone for a while.", Trouble.BUSY, wait_s
                )
                raise Again(failure, wait_s)
            yield
        finally:
            self._room.release()


class GraphService:
    """One account's way to Graph. May be used by many threads at once."""

    def __init__(self, account: Account, clock: Clock) -> None:
        self._url = account.graph_url
        self._clock = clock
        self._line = Line(account.ca_file)
        self._tokens = Tokens(account)
        self._gates: dict[str, Gate] = {}

    def ask(self, mailbox: str, method: str, path: str, patience: Patience, **asked: Any) -> Answer:
        """What Graph answers to a question that may be asked twice. Raises CalendarFailed, Refused for a no.

        `path` is below Graph's address, or an address below it that Graph itself gave.
        """
        return self.twice(patience, lambda: self.once(mailbox, method, path, patience, **asked))

    def twice(self, patience: Patience, attempt: Callable[[], T]) -> T:
        """What an attempt comes to, made once more when it says that this may help and there is time."""
        try:
            return attempt()
        except Again as again:
            if again.after_s + ENOUGH_S > patience.left_s:
                raise again.failure from None
            self._clock.wait(again.after_s)
        try:
            return attempt()
        except Again as again:
            raise again.failure from None

    def once(self, mailbox: str, method: str, path: str, patience: Patience, **asked: Any) -> Answer:
        """The same, asked once. Raises Again besides."""
        gate = self._gates.setdefault(mailbox.casefold(), Gate(self._clock))
        named = str(uuid.uuid4())
        with gate.passage(patience):
            headers = {
                "Authorization": f"Bearer {self._tokens.token(patience)}",
                "Accept": "application/json",
                "Prefer": PREFER,
                "client-request-id": named,
            }
            try:
                answer = self._line.ask(method, self._address(path), patience, headers=headers, **asked)
            except LineBroke as exc:
                raise Again(CalendarFailed(str(exc), Trouble.AWAY), PAUSE_S) from None
        if 200 <= answer.status < 300:
            return answer
        raise self._refused(answer, named, gate, patience)

    def close(self) -> None:
        """Let go of all connections."""
        self._line.close()
        self._tokens.close()

    def _refused(self, answer: Answer, named: str, gate: Gate, patience: Patience) -> CalendarFailed | Again:
        """Why not, and whether to ask again: with a new token, after the wait it asks for, or shortly."""
        failure, wait_s = refusal(answer, named), wait_of(answer.headers)
        if answer.status == 401:
            self._tokens.drop(patience)
            return Again(failure, 0.0)
        if answer.status in {429, 503, 504} and wait_s:
            gate.shut(wait_s)
            return Again(failure, wait_s)
        if answer.status >= 500 or code_of(answer) in CROSSED:
            return Again(failure, PAUSE_S)
        return failure

    def _address(self, path: str) -> str:
        """The whole address. A token goes nowhere else, whatever an answer says."""
        if path.startswith("/"):
            return self._url + path
        if path.startswith(self._url + "/"):
            return path
        raise CalendarFailed("Microsoft answered with an address that is not its own.", Trouble.OTHER)
