"""Texts as a part of the bridge: what is sent, what is heard, and the links of each call.

May import: the standard library, appliance.core, appliance.store, appliance.service.
"""

from dataclasses import dataclass

from appliance.core import telephone
from appliance.core.settings import Settings
from appliance.core.staff import Office, Otherwise
from appliance.core.texts import TextCarrier
from appliance.service.beside import Work
from appliance.service.booking.part import evidence_of
from appliance.service.known_call import KnownCall, region_of
from appliance.service.office_book import OfficeBook
from appliance.service.texts import words
from appliance.service.texts.hearing import Hearing
from appliance.service.texts.linking import CallLinks
from appliance.service.texts.post import Post
from appliance.service.texts.posting import Posting
from appliance.service.texts.writing import Writing
from appliance.store.reader import Reader
from appliance.store.writer import Writer

REPORTS, PAGES = "/twilio/text", "/book"


@dataclass(slots=True)
class Texts:
    """The texts of all calls."""

    post: Post
    hearing: Hearing
    sends: bool
    """Whether there is a number to send from."""

    @classmethod
    def of(
        cls, settings: Settings, carrier: TextCarrier, writer: Writer, reader: Reader, book: OfficeBook
    ) -> "Texts":
        """With the carrier's account."""
        twilio = settings.twilio
        url = twilio.public_url
        writing = Writing(f"{url}{PAGES}", settings.notify.admin_url, twilio.sms_from)
        post = Post(carrier, writer, reader, writing, f"{url}{REPORTS}")
        return cls(post, Hearing(post, writer, book.now, twilio.sms_from), bool(twilio.sms_from))

    def links(self, known: KnownCall) -> CallLinks | None:
        """The links of a call; None where none are texted, and for a call of the box to itself."""
        if known.aside is not None or not self.offers(known.office):
            return None
        offer = known.offer
        evidence, region = evidence_of(known), region_of(known)
        return CallLinks(self.post, known.office, offer.call_sid, offer.caller, evidence, region)

    def offers(self, office: Office) -> bool:
        """Whether links are texted: there is something that they lead to, and the clinic wants it."""
        return self.books(office) or self.tells(office)

    def books(self, office: Office) -> bool:
        """Whether links to book by are texted."""
        staff = office.staff
        return self.sends and staff.text_link and bool(staff.booking_url or office.bookable.offered)

    def tells(self, office: Office) -> bool:
        """Whether links to the clinic's page are texted, where a question is not answered."""
        staff = office.staff
        return self.sends and bool(staff.clinic_url) and staff.low_confidence_action is Otherwise.LINK

    def offered_to(self, known: KnownCall) -> tuple[str | None, str]:
        """The number of this caller to which a link to book by may be texted, and one to the clinic's page.

        The first is empty where another number has to be given, and None where no links to book by are
        texted; the second is empty where none to the page is.
        """
        caller, office = known.offer.caller, known.office
        if known.aside is not None:
            return None, ""
        takes = telephone.takes_texts(caller, region_of(known), office.staff.text_countries)
        number = caller if takes else ""
        return number if self.books(office) else None, number if self.tells(office) else ""

    def phone(self, office: Office) -> str:
        """The number at which people answer, as it is written."""
        return words.phone(office, self.hearing.sender)

    def posting(self, book: OfficeBook) -> Work:
        """What is to run beside the calls."""
        return Posting(self.post, book.now).run
