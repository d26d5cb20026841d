"""Jobs: what is owed after calls and by timetable, what failed, and having it begun again.

May import: flask, admin, appliance.jobs, appliance.store.
"""
