"""Has everything that a language's folder says at hand, so that no call waits for a file.

May import: appliance.core, appliance.languages.
"""

from appliance.core import hours, masking, menu, numbers, sources, tongue
from appliance.core.booking import agreeing, identity
from appliance.core.phrases.advice import asks_advice
from appliance.core.when.atoms import Tongue
from appliance.core.when.items import Patterns
from appliance.languages import complete
from appliance.languages.folders import codes
from appliance.languages.tables import having, table


def ready() -> None:
    """Read and make it all. Takes its time: not for the event loop."""
    for name in (*complete.NEEDED, *complete.LOST):
        for code in having(name):
            table(code, name)
    for code in codes():
        hours.words(code)
        tongue.called(code)
        Tongue.of(code)
        Patterns.of(code)
    menu.keys()
    numbers.spellings()
    tongue.spoken("")
    agreeing.refuses("")
    identity.same_name("", "")
    asks_advice("")
    sources.claim("", whole=True)
    sources.stems("")
    masking.masked("")
