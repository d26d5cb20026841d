"""A telephone that a test holds in its hand: real SIP and RTP over real sockets, at a real switchboard.

A `Phone` registers, dials, is rung and takes calls as its `Manner` says; a `PhoneCall` says, presses, hears,
holds, transfers and hangs up, and keeps what happened and every packet that came. `listening` has conditions
to wait for, `ears` judges what was heard. It can misbehave: no ACK, no sound, gone without a BYE.

Imports nothing of the product. May import: the standard library, numpy, av, the carrier and realtime peers.
"""

from tests.peers.phone.asking import Refused
from tests.peers.phone.call import CallOver, NotAnswered, PhoneCall
from tests.peers.phone.manner import Faults, Manner
from tests.peers.phone.phone import Phone
from tests.peers.phone.registrar import Registrar
from tests.peers.phone.transaction import Timers

__all__ = [
    "CallOver",
    "Faults",
    "Manner",
    "NotAnswered",
    "Phone",
    "PhoneCall",
    "Refused",
    "Registrar",
    "Timers",
]
