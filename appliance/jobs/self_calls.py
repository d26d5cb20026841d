"""That the box rings itself is owed by timetable; whether it is time to, and how, is the service's.

May import: the standard library, appliance.core, appliance.jobs.
"""

from appliance.core.self_call import LOOK_MINUTES
from appliance.jobs.timetable import Every, Schedule

NAME = "self_call"
LOOKS = Schedule(NAME, NAME, Every(LOOK_MINUTES))
