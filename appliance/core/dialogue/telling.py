"""What the cloud assistant is told of a call that it has not seen: one line for each.

May import: the standard library.
"""

OFFERED_TO_SILENCE = "The caller was silent and was just asked: To leave a message, say yes or press 1."
UNREACHED = (
    "The caller was put through to {}, and nobody there took the call. Say so, and offer to take a message."
)
ASKED_FOR_A_MESSAGE = "The caller was just asked to speak a message for the staff."
