"""Copies of the whole box elsewhere, by restic: making them, verifying them, bringing a box back.

A *stage* is a folder in which everything that belongs to the box lies ready for one backup, as it was at one
moment; a *manifest* lies in it and says what is there, by which a restored copy is judged. A *snapshot* is
what restic has made of a stage. May import: the standard library, orjson, appliance.core, appliance.store.
"""
