"""Tokens of rehearsals: each begins one, for one account and in one way, and not for long."""

from appliance.core.rehearsal import Mode
from appliance.store import accounts, rehearsal_tokens, times, usage
from appliance.store.accounts import Role
from appliance.store.database import Connection
from appliance.store.rehearsal_tokens import LASTS_S, Ticket
from tests.store.conftest import AT


def test_a_token_is_spent_once(db: Connection) -> None:
    ticket = Ticket(None, Mode.TYPED, "", "+14155550123", {"greeting": "Hello"})
    token = rehearsal_tokens.add(db, ticket, at=AT)
    assert rehearsal_tokens.spend(db, token, Mode.SPOKEN, at=AT) is None
    assert rehearsal_tokens.spend(db, token, Mode.TYPED, at=AT) == ticket
    assert rehearsal_tokens.spend(db, token, Mode.TYPED, at=AT) is None


def test_it_is_kept_as_a_hash_alone_and_not_for_long(db: Connection) -> None:
    token = rehearsal_tokens.add(db, Ticket(None, Mode.SPOKEN), at=AT)
    assert token not in str([tuple(row) for row in db.execute("SELECT * FROM rehearsal_token")])
    assert rehearsal_tokens.spend(db, token, Mode.SPOKEN, at=times.moved(AT, LASTS_S)) is None
    rehearsal_tokens.add(db, Ticket(None, Mode.SPOKEN), at=AT)
    rehearsal_tokens.add(db, Ticket(None, Mode.SPOKEN), at=times.moved(AT, LASTS_S))
    assert len(db.execute("SELECT 1 FROM rehearsal_token").fetchall()) == 1


def test_of_an_account_the_last_one_counts(db: Connection) -> None:
    ana = accounts.add(db, "Ana Ruiz", Role.OWNER, at=AT)
    first = rehearsal_tokens.add(db, Ticket(ana.id, Mode.TYPED), at=AT)
    second = rehearsal_tokens.add(db, Ticket(ana.id, Mode.TYPED), at=AT)
    assert rehearsal_tokens.spend(db, first, Mode.TYPED, at=AT) is None
    assert rehearsal_tokens.spend(db, second, Mode.TYPED, at=AT) is not None


def test_what_it_cost_counts_with_the_calls(db: Connection, call: str) -> None:
    db.execute("UPDATE call_log SET cost_usd = 0.25 WHERE id = ?", (call,))
    rehearsal_tokens.spent(db, 0.5, at=AT)
    assert usage.cost_since(db, AT) == 0.75
    assert usage.cost_since(db, times.moved(AT, 1)) == 0
