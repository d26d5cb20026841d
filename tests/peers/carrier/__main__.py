"""Places one call and prints it as it happens: python -m tests.peers.carrier --help.

May import: the standard library, orjson, this package.
"""

import argparse
import asyncio
import sys
from pathlib import Path

import orjson

from tests.peers.carrier import Account, CarrierPeer, Destination, Distance, Number, PhoneCall, read_plan
from tests.peers.carrier.caller import load_all
from tests.peers.carrier.distance import milliseconds
from tests.peers.carrier.plan import BadPlan, Plan
from tests.peers.carrier.report import report_of
from tests.peers.carrier.speech import SPEECH_FOLDER as FOLDER
from tests.peers.carrier.speech import BadRecording

DEFAULT_PLAN = "wait for reply\nsay s2p_what_time_is_it\nwait for reply\nhang up\n"


def _arguments() -> argparse.Namespace:
    account = Account()
    parser = argparse.ArgumentParser("carrier", description="Call the box as the carrier would.")
    parser.add_argument("--voice-url", required=True, help="public URL of the voice webhook")
    parser.add_argument("--fallback-url", default="", help="asked when the voice webhook fails")
    parser.add_argument("--status-url", default="", help="told when the call is over")
    parser.add_argument(
        "--map", action="append", default=[], metavar="PUBLIC=LOCAL", help="where a base URL is"
    )
    parser.add_argument("--plan", type=Path, help="what the caller does, one step a line")
    parser.add_argument("--speech", type=Path, default=FOLDER, help="folder of the plan's recordings")
    parser.add_argument("--wav", type=Path, help="write the call as stereo: caller left, agent right")
    parser.add_argument("--json", type=Path, help="write what happened")
    parser.add_argument("--rest-port", type=int, default=0, help="port of the REST interface")
    parser.add_argument("--caller", default="+15551230001")
    parser.add_argument("--called", default="+15559870002")
    parser.add_argument(
        "--answers", action="append", default=[], metavar="NUMBER", help="a telephone that answers"
    )
    parser.add_argument("--account-sid", default=account.sid)
    parser.add_argument("--auth-token", default=account.auth_token)
    parser.add_argument(
        "--pace", choices=("instant", "real"), default="real", help="how TwiML takes its time"
    )
    parser.add_argument(
        "--round-trip-ms",
        type=milliseconds,
        default=0.0,
        help="how long a media stream's way is, there and back",
    )
    parser.add_argument(
        "--jitter-ms", type=milliseconds, default=0.0, help="up to so much longer, each way, for each message"
    )
    parser.add_argument("--limit-s", type=float, default=300.0, help="the caller hangs up after this long")
    return parser.parse_args()


def _plan(arguments: argparse.Namespace) -> Plan:
    plan = read_plan(arguments.plan.read_text() if arguments.plan else DEFAULT_PLAN)
    load_all(plan, arguments.speech)
    return plan


async def _call(arguments: argparse.Namespace, plan: Plan) -> PhoneCall:
    peer = CarrierPeer(
        numbers={
            arguments.called: Number(
                arguments.voice_url, fallback_url=arguments.fallback_url, status_callback=arguments.status_url
            )
        },
        addresses=dict(entry.split("=", 1) for entry in arguments.map),
        destinations={number: Destination.answers() for number in arguments.answers},
        account=Account(arguments.account_sid, arguments.auth_token),
        pace=arguments.pace,
        rest_port=arguments.rest_port,
    )
    peer.network.distance = Distance(arguments.round_trip_ms, arguments.jitter_ms)
    peer.network.speech_folder = arguments.speech
    peer.network.on_line = lambda line: print(line, flush=True)
    async with peer:
        print(f"REST at {peer.rest_url}", flush=True)
        call = await peer.ring(caller=arguments.caller, called=arguments.called, plan=plan)
        try:
            return await call.done(arguments.limit_s)
        except TimeoutError:
            print(f"the caller hangs up after {arguments.limit_s:.0f} s", flush=True)
            call.hang_up()
            await call.done(30.0)
            call.overran = True
            return call


def main() -> int:
    arguments = _arguments()
    try:
        plan = _plan(arguments)
    except (BadPlan, BadRecording, OSError) as exc:
        print(f"carrier: {exc}", file=sys.stderr)
        return 2
    call = asyncio.run(_call(arguments, plan))
    if arguments.wav:
        arguments.wav.write_bytes(call.stereo_wav())
    if arguments.json:
        arguments.json.write_bytes(orjson.dumps(report_of(call), option=orjson.OPT_INDENT_2))
    return 0 if call.ended_well else 1


if __name__ == "__main__":
    sys.exit(main())
