"""Menu and greetings: what callers hear first of all, in each language; changed, and heard.

May import: flask, admin, appliance.core, appliance.store, models.
"""
