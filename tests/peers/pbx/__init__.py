"""An Asterisk as far as we see of it: a media channel that connects to us, and the manager interface.

It stands for the real one where a test must be quick; the drills ask the real one. What it does is what
chan_websocket of Asterisk 22.10.1 does, also where that is odd.
"""

from tests.peers.pbx.ami import ManagerPeer
from tests.peers.pbx.channel import Channel
from tests.peers.pbx.media import PbxCall

__all__ = ["Channel", "ManagerPeer", "PbxCall"]
