"""Rehearsals: staff speak or type with the assistant, and nothing of it leaves the room."""
