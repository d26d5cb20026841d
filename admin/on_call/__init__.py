"""The on-call rota: who is rung while the clinic is closed, in shifts of the week.

May import: flask, admin, appliance.core, appliance.store.
"""
