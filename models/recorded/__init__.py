"""Recordings of messages: opened without trust, silence cut out, kept as FLAC, and heard in windows.

A sound that others made is decoded in a child of its own (`child`), within limits of memory, time and size;
`opening` starts it. May import: the standard library, av, numpy, appliance.core, models.
"""
