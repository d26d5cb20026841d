"""What is wrong with the box, in the words of the front desk: shown on top of every page.

May import: the standard library, admin, appliance.core, appliance.store.
"""

from collections.abc import Mapping

from admin.box import the_box
from admin.tongue import later
from appliance.core.troubles import Trouble
from appliance.store import troubles
from appliance.store.troubles import Row

SAID: Mapping[Trouble, str] = {
    Trouble.BRIDGE: later("The box does not answer calls: they go to the telephones, then to voicemail."),
    Trouble.STORE: later("The disk takes nothing: calls are answered, but may not be kept."),
    Trouble.DISK: later("The disk of the box is nearly full."),
    Trouble.SELF_CALL: later("When the box last rang itself, it was not answered as it should."),
    Trouble.PBX: later("The telephone system (Asterisk) does not answer."),
    Trouble.TRUNK: later("The line to the telephone provider is down."),
    Trouble.PHONES: later("The telephones of the front desk cannot be reached."),
    Trouble.CLOUD: later("The cloud cannot be reached: the box's own assistant talks to callers."),
    Trouble.BACKUP: later("The box is not backed up as it should be."),
    Trouble.CERTIFICATE: later("The certificate of these pages ends, or has ended."),
    Trouble.ADDRESS: later("Twilio does not reach the box as it should."),
}
SERVED = frozenset({Trouble.CLOUD, Trouble.BACKUP, Trouble.CERTIFICATE, Trouble.DISK})
"""Those with which callers are served all the same."""


def now_wrong() -> list[Row]:
    """What staff are to know of. Raises StoreError."""
    return the_box().read(troubles.announced)


def tone(row: Row) -> str:
    """How much it presses."""
    return "care" if row.kind in SERVED else "bad"


def said(row: Row) -> str:
    """It in a sentence."""
    return SAID[row.kind]
