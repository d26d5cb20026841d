"""Composition: the only code that knows every part.

May import: everything below appliance.cli.
"""
