"""Has a call's log keep what the conversation wants to be kept.

May import: the standard library, appliance.core.
"""

from typing import assert_never

from appliance.core import commands as c
from appliance.core.ports import CallLog


def write_down(log: CallLog, call_id: str, command: c.WriteTurn | c.Note) -> None:
    """Keep a turn, or a note of what was found, spoken or cited."""
    match command:
        case c.NoteWish():
            log.wished(call_id, command.what, command.topic)
        case c.NoteLanguage():
            log.spoken(call_id, command.language)
        case c.NoteCitation():
            log.cited(call_id, command.citation)
        case c.WriteTurn():
            place, speaker, text = command.place, command.speaker, command.text
            log.turn(call_id, place, speaker, text, final=command.final, cut=command.cut)
        case _:
            assert_never(command)
