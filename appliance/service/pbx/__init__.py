"""The local Asterisk as the box keeps it: configuration, sounds, and what it tells of calls."""
