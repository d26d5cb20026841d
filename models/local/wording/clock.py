"""What times of the day look like when they are written, in whatever language.

Pure. May import: the standard library.
"""

import re

HALF = r"([AaPp])\s?\.?\s?[Mm]\b\.?"
FREE = r"(?<![\w:.,/$€£-])"
HALF_HOUR_RANGE = re.compile(r"(?<![\w:.,/$-])([0-9]{1,2}:[0-5][0-9])\s?-\s?(?=[0-9]{1,2}(?![\w:]))")
HOUR = "(?:[01]?[0-9]|2[0-4])"
