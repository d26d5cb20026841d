"""The first version of a box, laid ready by the system's own Python, before there is any environment of ours.

install.sh runs it: `python3 -m appliance.service.update.first TREE`. May import: the standard library,
appliance.core, appliance.service.update.
"""

import sys
from pathlib import Path

from appliance.core.installed import ROOT
from appliance.service.update import placing
from appliance.service.update.versions import UpdateFailed, Versions


def main(source: Path, root: Path = ROOT) -> int:
    """Lay the version in a folder ready, and print its name; where none is current yet, it is from now on."""
    versions = Versions(root)
    try:
        name = placing.place(versions, source)
        if versions.current is None:
            versions.switch(name)
    except UpdateFailed as exc:
        print(exc, file=sys.stderr)
        return 1
    print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
