"""Settings: what staff decide and what the box is given, each with its help; secrets are only ever written.

May import: flask, admin, appliance.core, appliance.store.
"""
