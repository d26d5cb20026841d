"""The worker's process: it does what is owed after calls and by timetable."""
