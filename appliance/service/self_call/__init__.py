"""The box rings itself every hour: board.py answers, talk.py is who calls, caller.py keeps the books."""
