"""Another version in the place of this one: laid beside it, tried, switched to between calls, judged.

A *version* is a folder with code and a link to its environment; `current` is the one that runs. Whatever goes
wrong, the version before runs again. docs/updates.md tells the rest.
"""
