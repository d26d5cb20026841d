"""The knowledge base: documents become passages, passages an index, and a question what is known of it.

`documents/` and `passages` are pure, `index` is a database file of its own, made from the store's rows. May
import: appliance.core, appliance.store, third-party packages; an embedder comes in by appliance.core.ports.
"""
