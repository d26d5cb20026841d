"""The callback list once more, as plainly as it can be written down: what the real one is held against.

It knows entries and causes as lists, looks through all of them each time, and keeps no index and no count.
May import: the standard library, appliance.core.
"""

from dataclasses import dataclass, field
from datetime import datetime

from appliance.core.callbacks import Cause, DueMinutes, Urgency, due
from appliance.core.opening import Opening

OPENING = Opening("America/New_York")


@dataclass
class Mark:
    """A cause."""

    once: str
    cause: Cause
    urgency: Urgency
    call_sid: str
    live: bool = True


@dataclass
class Line:
    """An entry."""

    number: str
    urgency: Urgency
    due: datetime
    state: str = "open"
    owner: str = ""
    attempts: int = 0
    touched: bool = False
    marks: list[Mark] = field(default_factory=list)
    into: "Line | None" = None

    def press(self, urgency: Urgency, due_at: datetime) -> None:
        self.touched = self.touched and urgency >= self.urgency
        self.urgency, self.due = min(self.urgency, urgency), min(self.due, due_at)


@dataclass
class Model:
    """The list."""

    lines: list[Line] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    """The causes as they came, with those that came to count again."""

    def note(
        self, once: str, cause: Cause, urgency: Urgency, number: str, call_sid: str, at: datetime
    ) -> None:
        told = [(line, mark) for line in self.lines for mark in line.marks if mark.once == once]
        if told and told[0][1].live:
            told[0][1].cause = cause
            self.learn(once, urgency, number, at)
            return
        due_at = due(cause, urgency, at, DueMinutes(), OPENING)
        known = self._where(number, call_sid)
        line = known or Line(number, urgency, due_at)
        if known is None:
            self.lines.append(line)
        else:
            line.number = line.number or number
            line.press(urgency, due_at)
        for before, mark in told:
            before.marks.remove(mark)
            call_sid = mark.call_sid
        line.marks.append(Mark(once, cause, urgency, call_sid))
        self.order.append(once)

    def _where(self, number: str, call_sid: str) -> Line | None:
        opened = [line for line in self.lines if line.state == "open"]
        for line in opened:
            if number and line.number == number:
                return line
        of_call = [
            (self.order.index(mark.once), line)
            for line in opened
            for mark in line.marks
            if call_sid and mark.call_sid == call_sid and not (line.number and number)
        ]
        return min(of_call, key=lambda each: each[0])[1] if of_call else None

    def learn(self, once: str, urgency: Urgency, number: str, at: datetime) -> None:
        for line in self.lines:
            for mark in line.marks:
                if mark.once == once:
                    if urgency < mark.urgency:
                        mark.urgency = urgency
                        if mark.live:
                            line.press(urgency, due(mark.cause, urgency, at, DueMinutes(), OPENING))
                    self._identify(line, number)
                    return

    def _identify(self, line: Line, number: str) -> None:
        if not number or line.number:
            return
        others = [each for each in self.lines if each.state == "open" and each.number == number]
        if line.state == "open" and others:
            self._merge(line, others[0])
        else:
            line.number = number

    def _merge(self, line: Line, into: Line) -> None:
        line.state, line.into = "merged", into
        into.marks, line.marks = into.marks + line.marks, []
        into.press(line.urgency, line.due)
        into.attempts += line.attempts
        into.owner = into.owner or line.owner

    def void(self, once: str) -> None:
        for line in self.lines:
            for mark in line.marks:
                if mark.once == once and mark.live:
                    mark.live = False
                    left = [each.urgency for each in line.marks if each.live]
                    if line.state == "open" and left:
                        line.urgency = min(left)
                    elif line.state == "open" and not (line.owner or line.touched or line.attempts):
                        line.state = "done"
                    return

    def take(self, line: Line, who: str) -> None:
        if line.owner != who:
            line.owner, line.touched = who, True

    def give_back(self, line: Line) -> None:
        if line.owner:
            line.owner, line.touched = "", False

    def snooze(self, line: Line, until: datetime) -> None:
        line.due, line.touched = until, bool(line.owner)

    def attempt(self, line: Line) -> None:
        line.attempts, line.touched = line.attempts + 1, True

    def done(self, line: Line) -> None:
        line.state, line.touched = "done", True

    def undo(self, line: Line) -> None:
        newer = [
            each for each in self.lines if each.state == "open" and line.number and each.number == line.number
        ]
        line.state, line.touched = "open", False
        if newer:
            self._merge(newer[0], line)
