"""Says of a language whether its folder is complete: `python -m scripts.language CODE [FOLDER]`.

FOLDER is where it lies, if it does not ship. Ends with 1 when it cannot be spoken.
May import: the standard library, appliance.languages.
"""

import sys
from pathlib import Path

from appliance.languages import complete
from appliance.languages.folders import LanguageProblem, folder, look_in


def main(code: str, place: str = "") -> int:
    """Print what is missing, then what is lost."""
    look_in(Path(place) if place else None)
    try:
        found = folder(code)
    except LanguageProblem as exc:
        print(exc)
        return 1
    problems = [*complete.problems(code, found)]
    for line in (*problems, *complete.lost(found)):
        print(line)
    print(f"{code} cannot be spoken." if problems else f"{code} can be spoken.")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
