"""Roles in words.

May import: admin.tongue, appliance.store.accounts.
"""

from admin.tongue import later
from appliance.store.accounts import Role

NAMES = {
    Role.OWNER: later("Owner"),
    Role.FRONT_DESK: later("Front desk"),
    Role.READ_ONLY: later("Read only"),
    Role.IT: later("IT"),
}
MEANINGS = {
    Role.OWNER: later("Everything, and who else may use these pages."),
    Role.FRONT_DESK: later(
        "The day's work: calls, messages, who is to be called back; hours and departments."
    ),
    Role.READ_ONLY: later("Sees the same and changes nothing."),
    Role.IT: later("Looks after the box; sees nothing that patients said."),
}
