"""Bookings: the appointments of a day.

May import: flask, admin, appliance.core, appliance.store.
"""
