"""Updates: versions on a disk, and a switch between calls."""
