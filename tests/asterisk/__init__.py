"""Real Asterisks for tests: `asterisk_tree()` is where they run out of, `Pbx` is one that runs.

`baseline()` is the least configuration with which one boots; the product renders its own.
"""
