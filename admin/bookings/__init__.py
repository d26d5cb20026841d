"""Bookings: the appointments of a day, what can be booked and with whom, and how the calendars are.

May import: flask, admin, appliance.core, appliance.jobs, appliance.store.
"""
