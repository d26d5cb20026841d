"""The backlog: the order of writing, and who gives way when it is full."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.store.backlog import Backlog, Entry, Rank

P, O, A = Rank.PARTIAL, Rank.ORDINARY, Rank.PROMISED  # noqa: E741


def entry(rank: Rank) -> Entry:
    return Entry(lambda db: None, rank, 0.0)


def filled(*ranks: Rank) -> tuple[Backlog, list[Entry]]:
    backlog, entries = Backlog(len(ranks)), [entry(rank) for rank in ranks]
    assert [backlog.add(each) for each in entries] == [None] * len(ranks)
    return backlog, entries


def test_the_oldest_partial_gives_way_to_anything() -> None:
    for rank in Rank:
        backlog, entries = filled(O, P, A, P)
        assert backlog.add(entry(rank)) is entries[1]
        assert len(backlog) == 4


def test_without_partial_rows_a_newcomer_is_turned_away() -> None:
    backlog, _ = filled(O, A, O)
    for rank in (P, O):
        late = entry(rank)
        assert backlog.add(late) is late


def test_a_promised_row_takes_the_place_of_the_newest_ordinary_one() -> None:
    backlog, entries = filled(O, O, A)
    assert backlog.add(entry(A)) is entries[1]


def test_among_promised_rows_alone_a_promised_one_is_refused() -> None:
    backlog, _ = filled(A, A)
    late = entry(A)
    assert backlog.add(late) is late


def test_nothing_waits_behind_a_promise_that_need_not() -> None:
    backlog, entries = filled(O, A, P, O, O)
    assert backlog.take(10) == entries[:2]
    backlog.done()
    assert backlog.take(10) == entries[2:]


def test_what_is_in_hand_counts_and_cannot_be_dropped() -> None:
    backlog, _ = filled(P, P)
    assert len(backlog.take(2)) == len(backlog) == 2
    late = entry(O)
    assert backlog.add(late) is late
    backlog.done()
    assert backlog.add(late) is None


def test_a_withdrawn_row_is_gone() -> None:
    backlog, entries = filled(A, A)
    backlog.withdraw(entries[0])
    assert backlog.take(10) == entries[1:]
    backlog.withdraw(entries[1])
    assert entries[1].withdrawn


def test_the_age_is_that_of_the_oldest() -> None:
    backlog = Backlog(9)
    assert backlog.oldest_at() is None
    backlog.add(Entry(lambda db: None, P, 3.0))
    backlog.add(Entry(lambda db: None, A, 5.0))
    assert backlog.oldest_at() == 3.0


@given(st.lists(st.sampled_from(Rank)), st.integers(1, 12), st.lists(st.integers(1, 5), max_size=9))
def test_order_is_kept_and_promises_are_never_dropped(
    ranks: list[Rank], bound: int, takes: list[int]
) -> None:
    backlog, kept, lost, out = Backlog(bound), [], [], []
    for rank in ranks:
        each = entry(rank)
        kept.append(each)
        if (dropped := backlog.add(each)) is not None:
            lost.append(dropped)
        assert len(backlog) <= bound
    for most in takes:
        batch = backlog.take(most)
        backlog.put_back(batch)
        assert backlog.take(most) == batch
        backlog.done()
        out += batch
    while batch := backlog.take(3):
        backlog.done()
        out += batch
    assert out == [each for each in kept if each not in lost]
    refused = [each for each in lost if each.rank is A]
    assert not refused or sum(each.rank is A for each in kept) > bound
