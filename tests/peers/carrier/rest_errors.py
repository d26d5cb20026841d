"""What the carrier's REST interface says when it refuses, and the faults that a test puts into it.

May import: the standard library, aiohttp.
"""

import re
from dataclasses import dataclass

import orjson
from aiohttp import web

TEXTS = {
    20001: "Invalid parameter",
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "An internal server error has occurred",
    21201: "No 'To' number is specified",
    21205: "Url is not a valid URL",
    21210: "The source phone number provided is not yet verified for your account",
    21211: "The 'To' number is not a valid phone number",
    21212: "The 'From' number is not a valid phone number, shortcode, or alphanumeric sender ID",
    21213: "A 'From' phone number is required",
    21220: "Call is not in-progress. Cannot redirect.",
    21602: "Message body is required",
    21603: "A 'From' phone number is required",
    21604: "A 'To' phone number is required",
    21606: "The 'From' phone number provided is not a valid message-capable phone number of this account",
    21610: "Attempt to send to unsubscribed recipient",
    21612: "The 'To' phone number is not currently reachable using the 'From' phone number via SMS",
    21614: "'To' number is not a valid mobile number",
    21617: "The concatenated message body exceeds the 1600 character limit",
}
STATUS_OF = {20003: 401, 20404: 404, 20429: 429, 20500: 500}


class Refused(Exception):
    """The request is answered with an error of the carrier's."""

    def __init__(self, code: int, text: str = "", status: int = 0) -> None:
        super().__init__(text or TEXTS.get(code, "Error"))
        self.code = code
        self.status = status or STATUS_OF.get(code, 400)

    def response(self) -> web.Response:
        body = {
            "code": self.code,
            "message": str(self),
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
        headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if self.status == 401 else {}
        return web.Response(
            body=orjson.dumps(body), status=self.status, content_type="application/json", headers=headers
        )


@dataclass(slots=True)
class RestFault:
    """Something goes wrong with requests whose method and path match, so many times."""

    path: str = ""
    """A pattern to be found in the path, such as 'Messages' or 'Calls/CA'."""
    method: str = ""
    code: int = 0
    """Answered with this error; 0: the request is answered as usual, after the delay."""
    delay_s: float = 0.0
    drop: bool = False
    """The connection is closed without an answer."""
    after: bool = False
    """It befalls the answer: what was asked for is done."""
    times: int = 1

    def takes(self, method: str, path: str) -> bool:
        """Whether this fault befalls a request; if so, it is used up by one."""
        if self.times <= 0 or (self.method and self.method != method) or not re.search(self.path, path):
            return False
        self.times -= 1
        return True
