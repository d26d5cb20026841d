"""The audit log as a page.

May import: flask, admin, appliance.core, appliance.store.
"""
