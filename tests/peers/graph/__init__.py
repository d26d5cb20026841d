"""Microsoft's side of a calendar on HTTPS: Entra ID's tokens and Microsoft Graph, and what can go wrong.

`with GraphPeer() as peer:` serves; the real msal and our adapter talk to it. Where Microsoft is known
to give two different answers, both can be had.
"""

from tests.peers.graph.faults import Fault
from tests.peers.graph.mailbox import Mailbox
from tests.peers.graph.server import GraphPeer

__all__ = ["Fault", "GraphPeer", "Mailbox"]
