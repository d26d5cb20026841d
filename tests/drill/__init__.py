"""The slow tests: real machines, real peers, faults and load. Run by ./scripts/dev drill."""
