"""The messages: what callers left for the staff, written down or recorded.

May import: flask, admin, appliance.core, appliance.store.
"""
