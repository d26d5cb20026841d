"""A kind of job: what its payload is, what is done for it, and how patiently.

May import: the standard library, pydantic, appliance.core, appliance.store.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from appliance.core.errors import AttendantError
from appliance.jobs.errand import Change, Errand
from appliance.store.job_leases import Waits
from appliance.store.jobs import TRIES, Wanted


class Payload(BaseModel):
    """What a kind's payload is made of: ids and the like, never what somebody said."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Nothing(Payload):
    """The payload of a kind that needs none."""


P = TypeVar("P", bound=Payload)
WAITS = Waits()
"""Between tries, for a kind that does not say: from some seconds up to an hour."""


class JobFailed(AttendantError):
    """The work could not be done. `again`: whether another try can help; `after_s`: when at the earliest."""

    def __init__(self, problem: str, *, again: bool, after_s: float = 0.0) -> None:
        super().__init__(problem)
        self.again = again
        self.after_s = after_s


class WrongPayload(AttendantError):
    """The payload is none of the kind, and will be none the next time."""


@dataclass(frozen=True, slots=True)
class Kind(Generic[P]):
    """One kind. `run` does the work and may be called again for the same job, whatever it had done before.

    What it has to write in the database it returns, as a function: that runs in the transaction in which the
    job is done, and so happens once. What it does elsewhere it does under the job's key, by which the other
    side knows it again. It raises JobFailed, or another AttendantError, which is tried again.
    """

    name: str
    payload: type[P]
    run: Callable[[Errand, P], Change | None]
    deadline_s: float
    """A try that takes longer failed."""
    at_once: int = 1
    """How many of this kind may run at the same time."""
    urgent: bool = False
    """Whether it comes before all that is not urgent: somebody waits for it."""
    tries: int = TRIES
    waits: Waits = WAITS

    def wanted(self, key: str, payload: P, *, not_before: datetime | None = None) -> Wanted:
        """A job of this kind, to be owed."""
        return Wanted(self.name, key, payload.model_dump(mode="json"), not_before, self.tries)

    def work(self, errand: Errand) -> Change | None:
        """Do what a job asks for. Raises WrongPayload, and what `run` raises."""
        try:
            payload = self.payload.model_validate(dict(errand.job.payload))
        except ValidationError as exc:
            # Its values are not quoted.
            told = exc.errors(include_url=False, include_input=False)[0]["msg"]
            raise WrongPayload(f"The payload is none of {self.name!r}: {told}.") from exc
        return self.run(errand, payload)


Registry = Mapping[str, Kind[Any]]


def registry(kinds: Iterable[Kind[Any]]) -> Registry:
    """The kinds by their names. Raises ValueError when two have the same."""
    found: dict[str, Kind[Any]] = {}
    for kind in kinds:
        if found.setdefault(kind.name, kind) is not kind:
            raise ValueError(f"two kinds are called {kind.name!r}")
    return found
