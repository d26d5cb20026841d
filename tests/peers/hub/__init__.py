"""A hub of weights that is not one: what Hugging Face answers to downloads, on a real socket.

`HubPeer` keeps files and serves them; `Fault` says what goes wrong. Imports nothing of the product.
"""

from tests.peers.hub.faults import Fault
from tests.peers.hub.server import Asked, HubPeer

__all__ = ["Asked", "Fault", "HubPeer"]
