"""The simulated carrier: rings the box over real sockets and plays the part of Twilio.

A `CarrierPeer` holds what is set up at the carrier and serves its REST interface. `ring()` makes a
`PhoneCall`: a caller with a plan, the TwiML that the box answers, media streams, a journal of all of it.
TwiML takes no real time (pace "instant": a virtual clock runs through it); a media stream always runs in
real time, 20 ms after 20 ms. With pace "real", TwiML takes its time too.

Imports nothing of the product. May import: the standard library, aiohttp, orjson, numpy.
"""

from tests.peers.carrier.bins import TwimlBins
from tests.peers.carrier.call import PhoneCall
from tests.peers.carrier.distance import Distance
from tests.peers.carrier.network import Account, Destination, Faults, Network, Number
from tests.peers.carrier.peer import CarrierPeer
from tests.peers.carrier.plan import read_plan
from tests.peers.carrier.recording_files import DownloadFault
from tests.peers.carrier.rest_errors import RestFault
from tests.peers.carrier.stream import MediaStream

__all__ = [
    "Account",
    "CarrierPeer",
    "Destination",
    "Distance",
    "DownloadFault",
    "Faults",
    "MediaStream",
    "Network",
    "Number",
    "PhoneCall",
    "RestFault",
    "TwimlBins",
    "read_plan",
]
