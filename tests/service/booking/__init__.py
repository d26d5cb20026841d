"""Appointments in a call."""
