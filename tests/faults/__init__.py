"""The fault table: every way in which the cloud fails, at every point of a call, on the real bridge process.

A *way* is how the cloud fails, a *point* is where in the call it does, a *cell* is both, played as one
call of many at once. `python -m tests.faults` plays the whole table and writes `docs/faults.md`.
"""
