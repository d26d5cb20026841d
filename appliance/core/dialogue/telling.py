"""What the cloud assistant is told of a call that it has not seen: one line for each.

May import: the standard library.
"""

OFFERED_TO_SILENCE = "The caller was silent and was just asked: To leave a message, say yes or press 1."
UNREACHED = (
    "The caller was put through to {where}, {why}, and nobody there took the call. Say so, and offer to"
    " take a message."
)
WHY_UNREACHED = {"busy": "where everybody was busy", "failed": "whose phones could not be reached"}
RANG_OUT = "where it rang unanswered"
ASKED_FOR_A_MESSAGE = "The caller was just asked to speak a message for the staff."


def unreached(where: str, result: str) -> str:
    """That the phones of this department did so, as in RingEnded."""
    return UNREACHED.format(where=where, why=WHY_UNREACHED.get(result, RANG_OUT))
