"""The door: which hosts and addresses are answered, links that open the pages once, sessions, form tokens.

May import: flask, admin, appliance.core, appliance.store.
"""
