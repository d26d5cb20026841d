"""The local assistant's side of a conversation: what it says and does next. Pure: no clock, no wait, no I/O.

Moves: what it may do (`moves`). Facts: what it knows of the office (`facts`). Dialogue: where it stands and
what follows (`dialogue`). Brains only report what they understood; all state is here, so that it outlives
them. May import: the standard library, appliance.core.
"""
