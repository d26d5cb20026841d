"""TwiML, bytes to verbs, or the error that the carrier would log. Stricter than the carrier, never kinder.

Pure. May import: the standard library, this package's schema.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from tests.peers.carrier import schema

LONGEST_BYTES = 64 * 1024
XML_TYPES = frozenset({"text/xml", "application/xml"})
LONGEST_SAY = 4096
LONGEST_PARAMETER = 500


class TwimlError(ValueError):
    """A document that the carrier refuses."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb or noun as it stood in the document, checked."""

    name: str
    attributes: Mapping[str, str]
    text: str
    children: tuple["Verb", ...]

    def get(self, name: str, default: str = "") -> str:
        return self.attributes.get(name, default)

    def number(self, name: str, default: int) -> int:
        return int(self.attributes.get(name, default))

    def flag(self, name: str, default: bool) -> bool:
        return self.attributes.get(name, str(default).lower()) == "true"

    def __str__(self) -> str:
        shown = "".join(f' {name}="{value}"' for name, value in self.attributes.items())
        return f"<{self.name}{shown}>{self.text}"


def parse(body: bytes, content_type: str) -> tuple[Verb, ...]:
    """The verbs of a document, in order."""
    if content_type.partition(";")[0].strip().lower() not in XML_TYPES:
        raise TwimlError(12300, f"invalid content type: {content_type[:60] or 'none'}")
    if len(body) > LONGEST_BYTES:
        raise TwimlError(11750, f"TwiML response body too large: {len(body)} bytes")
    root = _tree(body)
    if root.tag != "Response":
        raise TwimlError(12100, f"root element is <{root.tag}>, not <Response>")
    _no_attributes_but(root, {})
    if (root.text or "").strip() or any((child.tail or "").strip() for child in root):
        raise TwimlError(12200, "text between verbs")
    return tuple(_verb(child, schema.VERBS) for child in root)


def _tree(body: bytes) -> ET.Element:
    if b"<!" in re.sub(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>", b"", body, flags=re.DOTALL):
        raise TwimlError(12100, "document type declarations are refused")
    try:
        return ET.fromstring(body)  # noqa: S314  declarations, and so entities, were refused above
    except ET.ParseError as exc:
        raise TwimlError(12100, f"document parse failure: {exc}") from exc


def _verb(element: ET.Element, allowed: frozenset[str]) -> Verb:
    name = element.tag
    if name in schema.NOT_PLAYED:
        raise TwimlError(12200, f"<{name}> is TwiML, but this peer does not play it")
    if name not in allowed:
        raise TwimlError(12200, f"<{name}> is not allowed here")
    rules = schema.ELEMENTS[name]
    _no_attributes_but(element, dict(rules.attributes))
    if rules.free:
        children: tuple[Verb, ...] = ()
        text = " ".join("".join(element.itertext()).split())
    else:
        children = tuple(_verb(child, rules.children) for child in element)
        text = _own_text(element, rules.text)
    verb = Verb(name, dict(element.attrib), text, children)
    _check_whole(verb)
    return verb


def _own_text(element: ET.Element, allowed: bool) -> str:
    text = (element.text or "") + "".join(child.tail or "" for child in element)
    if text.strip() and not allowed:
        raise TwimlError(12200, f"<{element.tag}> takes no text: {text.strip()[:40]!r}")
    return text.strip()


def _no_attributes_but(element: ET.Element, checks: dict[str, schema.Check]) -> None:
    for name, value in element.attrib.items():
        if name not in checks:
            raise TwimlError(12200, f"attribute {name!r} is not allowed in <{element.tag}>")
        if not checks[name](value):
            code = schema.CODE_OF_ATTRIBUTE.get((element.tag, name), 12200)
            raise TwimlError(code, f"<{element.tag} {name}={value[:60]!r}> is invalid")


def _check_whole(verb: Verb) -> None:
    """What cannot be said of an attribute alone."""
    wrong = _WHOLE.get(verb.name, lambda _: "")(verb)
    if wrong:
        raise TwimlError(12200, f"<{verb.name}>: {wrong}")


def _wrong_say(verb: Verb) -> str:
    if not verb.text:
        return "no text"
    return "text too long" if len(verb.text) > LONGEST_SAY else ""


def _wrong_play(verb: Verb) -> str:
    return "needs a URL or digits, and not both" if bool(verb.text) == ("digits" in verb.attributes) else ""


def _wrong_gather(verb: Verb) -> str:
    if verb.get("speechTimeout") == "auto" and verb.get("speechModel", "default") != "default":
        return "speechTimeout auto cannot be used with a speechModel"
    return ""


def _wrong_dial(verb: Verb) -> str:
    return "needs a number or nouns, and not both" if bool(verb.text) == bool(verb.children) else ""


def _wrong_connect(verb: Verb) -> str:
    return "" if len(verb.children) == 1 else "needs one <Stream>"


def _wrong_stream(verb: Verb) -> str:
    return "" if verb.get("url") else "needs a url"


def _wrong_parameter(verb: Verb) -> str:
    if "name" not in verb.attributes or "value" not in verb.attributes:
        return "needs a name and a value"
    length = len(verb.get("name")) + len(verb.get("value"))
    return f"name and value have {length} characters" if length > LONGEST_PARAMETER else ""


def _wrong_text(verb: Verb) -> str:
    return "" if verb.text else "is empty"


_WHOLE = {
    "Say": _wrong_say,
    "Play": _wrong_play,
    "Gather": _wrong_gather,
    "Dial": _wrong_dial,
    "Connect": _wrong_connect,
    "Stream": _wrong_stream,
    "Parameter": _wrong_parameter,
    "Redirect": _wrong_text,
    "Number": _wrong_text,
}
