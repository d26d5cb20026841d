"""What happens after a call or by timetable: kinds of jobs, the bell that tells of them, and who does them.

A *job* is a row that is owed (appliance.store.jobs). Its *kind* says what is done for it, and each try is an
*errand*. The *bell* says that there is something to do, and may be lost. The *crew* are the threads that do
it. May import: the standard library, pydantic, huey, redis, appliance.core, appliance.store, and below.
"""
