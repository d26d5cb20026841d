"""Devices: the desk phones of the house, whether they can be rung, and how one is set up.

May import: flask, admin, appliance.core, appliance.store.
"""
