"""Today: what goes on right now, and what waits.

May import: flask, admin, appliance.core, appliance.store.
"""
