"""Rehearsals: what staff say to the assistant, and that nothing of it leaves the room."""
