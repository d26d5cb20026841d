"""The caller's words: written down, and looked through for danger and for the wish for a person.

Pure. May import: the standard library, appliance.core.
"""

from appliance.core.commands import Command, NoteWish, WriteTurn
from appliance.core.dialogue.aloud import Aloud
from appliance.core.dialogue.watching import Watch
from appliance.core.events import Heard, HeardPart, Overheard, WordsEvent
from appliance.core.leaving import Leaving
from appliance.core.story import Speaker, Story


def looked_through(
    event: WordsEvent, aloud: Aloud, leaving: Leaving, *, talking: bool, local: bool
) -> list[Command]:
    """Keep the words, and answer what was found in them, as long as the call is ours."""
    written = [] if isinstance(event, Overheard) else [_kept(event, aloud)]
    if leaving.to is not None:
        return [*written, *leaving.heard(event, local=local)]
    if not talking:
        return [*written]
    if isinstance(event, Overheard):
        return [] if local else aloud.overheard(event)
    return [*written, *aloud.alarmed(event)]


def _kept(event: Heard | HeardPart, aloud: Aloud) -> Command:
    final, story, turn = isinstance(event, Heard), aloud.replies.story, aloud.turn
    turn.worded = turn.worded or (final and bool(event.text))
    place = story.tell(event.utterance_id, Speaker.CALLER, event.text, final=final)
    return WriteTurn(place, Speaker.CALLER, event.text, final=final)


def heard_late(event: Heard, story: Story, watch: Watch | None) -> list[Command]:
    """Words that come when the caller has left us: kept, and danger in them is noted for the staff."""
    place = story.tell(event.utterance_id, Speaker.CALLER, event.text)
    found = None if watch is None else watch.heard(event.utterance_id, event.text, final=True)
    noted = [NoteWish(found.what, found.topic)] if found is not None and found.what == "emergency" else []
    return [WriteTurn(place, Speaker.CALLER, event.text), *noted]
