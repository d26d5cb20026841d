"""Languages: which callers can have, what each of them has, and what it lacks.

May import: flask, admin, appliance.core, appliance.languages, appliance.store.
"""
