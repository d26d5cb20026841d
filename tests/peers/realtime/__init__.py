"""A realtime speech service that is not one: the true protocol on a real socket, from a script.

`RealtimePeer` serves it, `Script` says what it answers and what goes wrong. Imports nothing of the product.
"""

from tests.peers.realtime.faults import Fault
from tests.peers.realtime.script import SCRIPTS, Call, Reply, Script, Turn
from tests.peers.realtime.server import RealtimePeer
from tests.peers.realtime.session import Session

__all__ = ["SCRIPTS", "Call", "Fault", "RealtimePeer", "Reply", "Script", "Session", "Turn"]
