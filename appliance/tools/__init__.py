"""What can be done during a call: one tool a file, and the toolbox that checks, times and logs them.

May import: appliance.core, appliance.store, pydantic.
"""
