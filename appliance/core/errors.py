"""The root of our errors, and the families that more than one layer speaks of.

May import: nothing.
"""


class AttendantError(Exception):
    """The root of every error of ours. Its text is one sentence that a person can act on."""


class WireError(AttendantError):
    """A peer sent what its protocol does not allow. Quotes at most 80 characters of it."""

    def __init__(self, problem: str, quoted: object = None) -> None:
        super().__init__(problem if quoted is None else f"{problem}: {str(quoted)[:80]!r}")


class SettingsError(AttendantError):
    """Settings that cannot be used. Carries one sentence per mistake."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class StoreRefused(AttendantError):
    """The store cannot promise this write now: say so to whoever waits for it."""


class StoreUnsure(StoreRefused):
    """The write was under way when its time was up: it may be done or not, and nobody may say either."""


class CarrierFailed(AttendantError):
    """The carrier did not do what was asked. `retry` says whether asking again can help.

    `down` says whether it would do nothing else for us either: it is not reached, not itself, or refuses our
    account. Left out, that is so when asking again can help. `unsure` says that it may have been done
    nevertheless, and `code` is the carrier's own number for the error, if it told one.
    """

    def __init__(
        self, problem: str, *, retry: bool, down: bool | None = None, unsure: bool = False, code: int = 0
    ) -> None:
        super().__init__(problem)
        self.retry = retry
        self.down = retry if down is None else down
        self.unsure = unsure
        self.code = code


class UnknownToCarrier(CarrierFailed):
    """The carrier has nothing of that name."""


class EmbedderFailed(AttendantError):
    """Texts cannot be made embeddings of: search and understanding go on by words alone.

    `again`: whether another try can help; `after_s`: when at the earliest, if the service says so.
    """

    def __init__(self, problem: str, *, again: bool = False, after_s: float = 0.0) -> None:
        super().__init__(problem)
        self.again = again
        self.after_s = after_s
