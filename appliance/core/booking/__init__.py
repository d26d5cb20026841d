"""Appointments: what can be booked and when there is room for it. Pure."""
