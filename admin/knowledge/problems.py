"""Why a document or page cannot be read, in the reader's language: the box itself says it in English.

Pure. May import: the standard library, admin.tongue.
"""

import re

from admin.tongue import Tongue, later

STILL = later("What was read of it before is still told.")
SENTENCES = (
    later("The file is a picture: write down what it says. What is read: {read}."),
    later("The file has {size} MB; {most} MB are the most. Divide it, or leave out pictures."),
    later("The file is no {kind}, whatever its name says: is it whole?"),
    later("The file is no text: give it as Markdown, text, HTML, DOCX, PDF or CSV."),
    later("There is no text in the document."),
    later("The file that was given is lost: give it again."),
    later("The Word document has a password: save it without one."),
    later("The file has a password, or is of an old version of Word: save it as .docx without a password."),
    later("The PDF has {pages} pages; {most} are the most. Divide it."),
    later(
        "The document has {count} passages; {most} are the most. Divide it, or leave out what no caller asks."
    ),
    later("A page's address begins with https:// or http://."),
    later("A page's address may hold no user name or password."),
    later("There is no such page any more (status {status})."),
    later("The website is in trouble (status {status})."),
    later("The website does not give the page out (status {status})."),
    later("The page did not come within {seconds} s."),
    later("{host} cannot be reached: {why}."),
    later(
        "{host} is not on the public internet, and nothing is fetched from there; the IT person can"
        " allow a host of the clinic's own ([knowledge] private_hosts)."
    ),
    later("The PDF has a password: save it without one."),
    later("The PDF is broken: open it, print it into a new PDF, and give that."),
    later("The PDF is scanned, pictures of pages without text: have its text recognised first (OCR)."),
    later("The Word document is broken: open it in Word, save it again as .docx, and give that."),
    later("The document takes too long to read: divide it."),
    later(
        "The document cannot be read: it is broken, or made to harm. Save it anew, in another format if"
        " you can."
    ),
)
"""With names in braces for what differs."""
PATTERNS = {
    sentence: re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(sentence)))
    for sentence in SENTENCES
}


def said(problem: str, tongue: Tongue) -> str:
    """A problem in this language; one that is not known here as it is."""
    told = problem.removesuffix(STILL).strip()
    more = f" {tongue(STILL)}" if told != problem else ""
    for sentence, pattern in PATTERNS.items():
        if found := pattern.fullmatch(told):
            return tongue(sentence, **found.groupdict()) + more
    return tongue(told) + more
