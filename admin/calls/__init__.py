"""The calls: the list of them, and one with everything that is kept of it.

May import: flask, admin, appliance.core, appliance.store.
"""
