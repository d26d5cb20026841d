"""Calendars behind one port (appliance.core.calendar): Google Calendar, Microsoft 365."""
