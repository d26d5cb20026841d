"""The box's own calendar."""
