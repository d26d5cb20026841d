"""The callback list: who is to be called back, and what the front desk did about it.

May import: flask, admin, appliance.core, appliance.store.
"""
