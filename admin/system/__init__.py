"""The box as whoever looks after it sees it: what is missing, what runs, and what may be sent to support.

May import: flask, admin, appliance.
"""
