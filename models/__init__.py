"""What listens and talks: the cloud brain, our own ear, and what they share.

May import: appliance.core, appliance.store, third-party packages.
"""
