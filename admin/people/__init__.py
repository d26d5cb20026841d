"""Who may use these pages: the owner lets people in, and out.

May import: flask, admin, appliance.core, appliance.store.
"""
