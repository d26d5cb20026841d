"""Attendant: a telephone receptionist for a small clinic, on a box of its own.

May import: nothing.
"""

VERSION = "0.1.0"
