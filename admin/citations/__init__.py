"""Citations: what callers asked the documents, and which passages the answers rested on.

May import: flask, admin, appliance.store.
"""
