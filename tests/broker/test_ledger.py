"""The ledger's sums, by themselves."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quixnb.broker import Ledger, Message, RowRange, ranges
from quixnb.broker.ledger import FATE_UNKNOWN, NOT_SENT


def message(first: int, last: int) -> Message:
    return Message(b"key", b"value", range(first, last + 1))


def test_what_is_acknowledged_and_lost_adds_up() -> None:
    ledger = Ledger()
    numbers = [ledger.enter(message(i * 10, i * 10 + 9)) for i in range(4)]

    ledger.acknowledge(numbers[2], 1, 7)
    ledger.acknowledge(numbers[0], 1, 5)
    ledger.lose(numbers[3], NOT_SENT)

    assert (ledger.rows_entered, ledger.rows_delivered, ledger.messages_delivered) == (40, 20, 2)
    assert ledger.bytes_delivered == 10
    assert ledger.offsets == {1: (5, 7)}
    assert ledger.outstanding == 1
    assert [(lost.message.rows, lost.reason) for lost in ledger.lost] == [(range(30, 40), NOT_SENT)]


def test_what_is_given_up_is_lost_once_and_an_acknowledgement_after_that_changes_nothing() -> None:
    ledger = Ledger()
    first, second = ledger.enter(message(0, 1)), ledger.enter(message(2, 3))
    ledger.lose(first, NOT_SENT)

    ledger.lose_open(FATE_UNKNOWN)
    ledger.lose(first, "another reason")
    ledger.acknowledge(second, 0, 0)

    assert [lost.reason for lost in ledger.lost] == [NOT_SENT, FATE_UNKNOWN]
    assert (ledger.rows_delivered, ledger.outstanding, ledger.has_lost) == (0, 0, True)


def test_lost_messages_are_listed_in_the_order_in_which_they_were_handed_over() -> None:
    ledger = Ledger()
    for number in [ledger.enter(message(i, i)) for i in range(5)][::-1]:
        ledger.lose(number, NOT_SENT)

    assert [lost.message.rows[0] for lost in ledger.lost] == [0, 1, 2, 3, 4]


@given(st.lists(st.sets(st.integers(0, 60)), max_size=6), st.booleans())
def test_ranges_hold_exactly_the_rows_and_are_as_few_as_can_be(parts: list[set[int]], as_ranges: bool) -> None:
    taken: set[int] = set()
    rows: list[range | np.ndarray[tuple[int], np.dtype[np.intp]]] = []
    for part in parts:
        fresh = sorted(part - taken)
        taken |= part
        if as_ranges:
            rows += [range(row, row + 1) for row in fresh]
        else:
            rows.append(np.random.default_rng(0).permutation(np.array(fresh, dtype=np.intp)))

    found = list(ranges(rows))

    assert [row for part in found for row in range(part.first, part.last + 1)] == sorted(taken)
    assert all(one.last + 1 < other.first for one, other in itertools.pairwise(found))


def test_ranges_of_many_rows_are_not_spelled_out() -> None:
    assert list(ranges([range(10**12), range(10**12, 2 * 10**12), range(0)])) == [RowRange(0, 2 * 10**12 - 1)]


@pytest.mark.parametrize(("part", "text"), [(RowRange(5, 5), "5"), (RowRange(1_000, 99_999), "1,000-99,999")])
def test_a_range_reads_like_one(part: RowRange, text: str) -> None:
    assert str(part) == text
