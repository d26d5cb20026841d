"""How the REST interface shows calls, recordings and messages.

Pure. May import: the standard library, this package.
"""

from tests.peers.carrier.call import PhoneCall
from tests.peers.carrier.messaging import Message
from tests.peers.carrier.network import API_VERSION, Network, VoiceRecording

View = dict[str, str | int | None]


def _uri(network: Network, rest: str) -> str:
    return f"/{API_VERSION}/Accounts/{network.account.sid}/{rest}.json"


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
        "parent_call_sid": None,
        "uri": _uri(network, f"Calls/{call.sid}"),
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
        "uri": _uri(network, f"Messages/{message.sid}"),
    }
