"""A recogniser that is not one: the true Wyoming protocol on a real socket, the words from a folder.

It finds by the sound which recordings of the folder the audio holds, and answers what was said in them.
`RecogniserPeer` serves it, a `Manner` says what goes wrong. Imports nothing of the product.
"""

from tests.peers.recogniser.library import Library, Match
from tests.peers.recogniser.manner import Manner
from tests.peers.recogniser.peer import RecogniserPeer
from tests.peers.recogniser.request import Asked

__all__ = ["Asked", "Library", "Manner", "Match", "RecogniserPeer"]
