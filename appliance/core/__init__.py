"""The heart of the product: what a call is, what happens in it, and what is decided.

Nothing in here touches a socket, a file of the clinic's or a clock of its own, except settings.py, which
reads the boot settings once. May import: the standard library, numpy, pydantic.
"""
