"""Analytics: what callers wanted and got, in numbers by days, as charts and as files.

May import: flask, admin, appliance.core, appliance.store.
"""
