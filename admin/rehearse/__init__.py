"""Rehearse: speak or type with the assistant as a caller would, and keep that to compare it later.

May import: flask, admin, appliance.core, appliance.jobs, appliance.store.
"""
