"""The admin: pages on the office's own network that show what the box did.

A *subject* is a folder with its routes and templates; the *door* is who may come in; the *box* is what a page
may ask of the rest: settings, the time, reads of the database. May import: appliance.core, appliance.store.
"""
