"""Appointments in a call: calendars on threads of their own, what is offered, and what comes of a promise."""
