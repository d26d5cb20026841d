"""The bench: simulated calls against a running bridge, and what they cost it.

A *subject* is a bridge process under test; the *load* is the carrier and the cloud around it, in one process
on a core of its own; a *window* is the steady stretch of time that is measured. May import: the standard
library, numpy, orjson, aiohttp, uvloop, click, trustme, and of appliance nothing: it sees the bridge from
outside.
"""
