"""How the REST interface shows calls, recordings and messages.

Pure. May import: the standard library, this package.
"""

import re
from collections.abc import Mapping
from email.utils import formatdate
from urllib.parse import urlencode

from tests.peers.carrier.call import PhoneCall, Rung
from tests.peers.carrier.messaging import Message
from tests.peers.carrier.network import API_VERSION, Network, Number, VoiceRecording

View = dict[str, str | int | None]


def _uri(network: Network, rest: str) -> str:
    return f"/{API_VERSION}/Accounts/{network.account.sid}/{rest}.json"


def account_view(network: Network) -> View:
    return {
        "sid": network.account.sid,
        "owner_account_sid": network.account.sid,
        "friendly_name": "The clinic",
        "status": "active",
        "type": "Full",
        "uri": f"/{API_VERSION}/Accounts/{network.account.sid}.json",
    }


def call_view(call: PhoneCall, network: Network) -> View:
    return {
        "sid": call.sid,
        "account_sid": network.account.sid,
        "api_version": API_VERSION,
        "from": call.caller,
        "to": call.called,
        "direction": call.direction,
        "status": call.status,
        "duration": str(call.duration_s) if call.disposition else None,
        "start_time": call.time_text(),
        "end_time": None if call.ended_at_s is None else formatdate(call.ended_at_s),
        "parent_call_sid": None,
        "uri": _uri(network, f"Calls/{call.sid}"),
    }


def rung_view(rung: Rung, parent: PhoneCall, network: Network) -> View:
    over = rung.status not in ("ringing", "in-progress")
    return {
        **call_view(parent, network),
        "sid": rung.sid,
        "to": rung.number,
        "direction": "outbound-dial",
        "status": rung.status,
        "duration": str(rung.talked_s) if over else None,
        "end_time": None,
        "parent_call_sid": parent.sid,
        "uri": _uri(network, f"Calls/{rung.sid}"),
    }


def page_view(network: Network, what: str, views: list[View], query: Mapping[str, str]) -> dict[str, object]:
    """A page of a list, with the address of the next one: the carrier gives 50 to a page, at most 1000."""
    size, number = min(1000, int(query.get("PageSize", "50"))), int(query.get("Page", "0"))
    begins, path = size * number, f"/{API_VERSION}/Accounts/{network.account.sid}/{what}.json"
    more = views[begins + size :]
    following = urlencode({**query, "PageSize": size, "Page": number + 1, "PageToken": f"PT{number + 1}"})
    return {
        re.sub(r"(?<!^)(?=[A-Z])", "_", what).lower(): views[begins : begins + size],
        "page": number,
        "page_size": size,
        "start": begins,
        "end": begins + len(views[begins : begins + size]) - 1,
        "uri": f"{path}?{urlencode(query)}",
        "first_page_uri": f"{path}?{urlencode({**query, 'PageSize': size, 'Page': 0})}",
        "previous_page_uri": None,
        "next_page_uri": f"{path}?{following}" if more else None,
    }


def number_view(place: int, called: str, number: Number, network: Network) -> View:
    sid = f"PN{place:032x}"
    return {
        "sid": sid,
        "account_sid": network.account.sid,
        "api_version": API_VERSION,
        "phone_number": called,
        "voice_url": number.voice_url,
        "voice_method": number.voice_method,
        "voice_fallback_url": number.fallback_url,
        "voice_fallback_method": number.fallback_method,
        "sms_url": number.sms_url,
        "voice_application_sid": number.application_sid,
        "trunk_sid": None,
        "status_callback": number.status_callback,
        "uri": _uri(network, f"IncomingPhoneNumbers/{sid}"),
    }


def recording_view(recording: VoiceRecording, network: Network) -> View:
    done = recording.status == "completed"
    return {
        "sid": recording.sid,
        "account_sid": network.account.sid,
        "api_version": API_VERSION,
        "call_sid": recording.call_sid,
        "status": recording.status,
        "duration": str(recording.duration_s) if done else "-1",
        "date_created": formatdate(recording.created_at_s),
        "start_time": formatdate(recording.created_at_s),
        "channels": 1,
        "source": recording.source,
        "error_code": None,
        "uri": _uri(network, f"Recordings/{recording.sid}"),
    }


def message_view(message: Message, network: Network) -> View:
    return {
        "sid": message.sid,
        "account_sid": network.account.sid,
        "api_version": API_VERSION,
        "to": message.to,
        "from": message.from_ or None,
        "messaging_service_sid": message.messaging_service_sid or None,
        "body": message.body,
        "status": message.status,
        "num_segments": str(message.segments),
        "direction": "outbound-api",
        "error_code": message.error_code,
        "error_message": None,
        "date_created": formatdate(message.created_at_s),
        "uri": _uri(network, f"Messages/{message.sid}"),
    }
