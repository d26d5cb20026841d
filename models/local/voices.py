"""The voices of a box in the order in which they are preferred, and what it says when none is left.

May import: the standard library, appliance.languages, models.local.
"""

from collections.abc import Mapping

from appliance.languages import prompts
from models.local.espeak import Espeak, voices
from models.local.mouth import Recordings, Synthesiser, Voice
from models.local.wording import Language

FIRST_S = 0.8
"""Until the speech program's first sound; after it espeak-ng speaks."""
ESPEAK_FIRST_S = 2.0


def chain(
    speech: Synthesiser | None,
    names: Mapping[str, str],
    espeak: Synthesiser | None = None,
    *,
    first_s: float = FIRST_S,
) -> tuple[Voice, ...]:
    """The speech program's voices (`names` by language), if there is one, and then espeak-ng."""
    last = Voice("espeak-ng", espeak or Espeak(), voices(), max(first_s, ESPEAK_FIRST_S), rests=False)
    if speech is None:
        return (last,)
    return Voice("speech", speech, names, first_s), last


def recordings() -> dict[Language, Recordings]:
    """The recorded sentences of every language."""
    found = {code: prompts.prompts(code) for code in prompts.codes()}
    return {
        code: Recordings(
            {said.sentences[name]: sound for name, sound in said.recorded.items()},
            said.recorded.get("no_voice", b""),
        )
        for code, said in found.items()
    }
