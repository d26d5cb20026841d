"""Knowledge: the documents that callers are answered from, asking them, and what they do not say.

May import: flask, admin, appliance.core, appliance.jobs, appliance.store, appliance.tools, kb.
"""
