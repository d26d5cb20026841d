"""Golden calls: whole calls, and conversations, as text files that a receptionist can read."""
