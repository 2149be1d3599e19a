"""Ticket numbers: what people mistype is noticed, how people write them is understood."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_intake.numbering import NumberError, TicketNumber, make_number, parse_number

DAY = date(2026, 9, 24)
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
sequences = st.integers(1, 2_000_000)


def test_a_number_shows_its_day_and_its_running_number():
    assert make_number(DAY, 17).startswith("260924-0017")
    assert len(make_number(DAY, 17)) == len("260924-00173")
    assert make_number(DAY, 12345).startswith("260924-12345")


@pytest.mark.parametrize("shape", ["{}", " {} ", "{0[0]}{0[1]}", "{0[0]} {0[1]}", "{0[0]}－{0[1]}", "{0[0]}—{0[1]}"])
def test_a_number_is_read_however_it_is_written(shape):
    number = make_number(DAY, 17)
    text = shape.format(number) if "[" not in shape else shape.format(number.split("-"))
    assert parse_number(text) == TicketNumber(DAY, 17)


def test_full_width_digits_are_read():
    wide = make_number(DAY, 17).translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    assert wide != make_number(DAY, 17)
    assert str(parse_number(wide)) == make_number(DAY, 17)


@given(days, sequences)
def test_every_number_can_be_read_back(day, sequence):
    assert parse_number(make_number(day, sequence)) == TicketNumber(day, sequence)


@given(days, sequences, st.data())
def test_every_single_wrong_digit_is_noticed(day, sequence, data):
    digits = make_number(day, sequence).replace("-", "")
    position = data.draw(st.integers(0, len(digits) - 1))
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != digits[position]]))
    with pytest.raises(NumberError) as raised:
        parse_number(digits[:position] + wrong + digits[position + 1 :])
    assert raised.value.code == "wrong_check_digit"


@given(days, sequences, st.data())
def test_every_swap_of_neighbours_is_noticed(day, sequence, data):
    digits = make_number(day, sequence).replace("-", "")
    position = data.draw(st.integers(0, len(digits) - 2))
    swapped = digits[:position] + digits[position + 1] + digits[position] + digits[position + 2 :]
    if swapped == digits:
        assert parse_number(swapped)
    else:
        with pytest.raises(NumberError):
            parse_number(swapped)


def test_all_pairs_of_neighbours_are_told_apart():
    """The property of the table itself, for every state it can be in."""
    from requests_intake.numbering import _DAMM

    for row in _DAMM:
        assert sorted(row) == list(range(10))
        assert all(_DAMM[row[a]][b] != _DAMM[row[b]][a] for a in range(10) for b in range(10) if a != b)
    assert all(_DAMM[digit][digit] == 0 for digit in range(10))


@pytest.mark.parametrize("text", ["", "12345", "你好", "260924", "260924-001", "26092400173x", "+60924-00173"])
def test_other_text_is_no_number(text):
    with pytest.raises(NumberError):
        parse_number(text)


def test_a_day_that_never_was_is_refused():
    from requests_intake.numbering import _damm

    digits = "2613450001"
    with pytest.raises(NumberError) as raised:
        parse_number(digits + str(_damm(digits)))
    assert raised.value.code == "no_such_day"


def test_a_number_has_one_spelling_only():
    from requests_intake.numbering import _damm

    for tail in ("0000", "00017"):
        digits = "260924" + tail
        with pytest.raises(NumberError):
            parse_number(digits + str(_damm(digits)))


@pytest.mark.parametrize(("day", "sequence"), [(DAY, 0), (DAY, -1), (date(1999, 1, 1), 1)])
def test_impossible_numbers_are_not_made(day, sequence):
    with pytest.raises(ValueError, match="counted from 1"):
        make_number(day, sequence)
