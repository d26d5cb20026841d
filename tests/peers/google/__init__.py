"""A Google Calendar that is not one: token service and calendars, as Google's own client sees them, over TLS.

`GooglePeer` keeps calendars and serves them; `Fault` says what goes wrong. Imports nothing of the product.
"""

from tests.peers.google.diary import Diary
from tests.peers.google.faults import Fault
from tests.peers.google.server import Asked, GooglePeer

__all__ = ["Asked", "Diary", "Fault", "GooglePeer"]
