"""The opening hours: of the week, of today, of single days and holidays, and what callers are told of them.

May import: flask, admin, appliance.core, appliance.languages, appliance.store.
"""
