"""The departments: where callers can be put through, by which numbers, when, and how they may call it.

May import: flask, admin, appliance.core, appliance.store.
"""
