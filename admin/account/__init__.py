"""One's own account: password, second step, language, where one is signed in.

May import: flask, segno, admin, appliance.core, appliance.store.
"""
