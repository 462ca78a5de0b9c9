# SPDX-License-Identifier: Apache-2.0
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.packs.scalars import (
    BARE,
    WORDS,
    Parser,
    parse_duration,
    parse_integer,
    parse_moment,
    parse_number,
    parse_time_of_day,
    parse_truth,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("30m", 1800), ("48h", 172_800), ("2d", 172_800), ("10m30s", 630), ("1d2h3m4s", 93_784), ("0s", 0)],
)
def test_a_duration_is_the_sum_of_its_parts(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "10", "10 m", "1.5h", "30m1h", "1h1h", "-1h", "1w", "\u0661s", "9999999999s"])
def test_other_forms_are_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="expected a duration"):
        parse_duration(text)


def test_a_moment_carries_its_offset() -> None:
    assert parse_moment("2026-03-01T09:30:00+01:00") == datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-03-01", "2026-03-01T09:30:00", "yesterday", ""])
def test_a_moment_without_its_offset_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="expected a moment"):
        parse_moment(text)


def test_a_time_of_day_has_24_hours() -> None:
    assert parse_time_of_day("23:59") == time(23, 59)


@pytest.mark.parametrize("text", ["24:00", "9:00", "09:60", "09:00:00", "0900"])
def test_other_forms_are_no_time_of_day(text: str) -> None:
    with pytest.raises(ValueError, match="expected a time of day"):
        parse_time_of_day(text)


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("-7", -7), ("+12", 12)])
def test_a_whole_number_is_decimal(text: str, number: int) -> None:
    assert parse_integer(text) == number


@pytest.mark.parametrize("text", ["007", "0o7", "0x1F", "1_000", "1:30", "1.0", "1e3", "\u0663", "9" * 5000])
def test_other_forms_are_no_whole_number(text: str) -> None:
    with pytest.raises(ValueError, match="expected a whole number"):
        parse_integer(text)


@pytest.mark.parametrize(("text", "number"), [("0.5", 0.5), ("-3", -3.0), ("1e3", 1000.0), ("2.50E-1", 0.25)])
def test_a_number_may_have_decimals(text: str, number: float) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize("text", [".inf", "nan", "1e999", "1,5", "50%", ".5", "5."])
def test_other_forms_are_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="expected a number"):
        parse_number(text)


@pytest.mark.parametrize("text", ["yes", "no", "on", "off", "True", "1", ""])
def test_only_true_and_false_are_truth_values(text: str) -> None:
    with pytest.raises(ValueError, match="expected true or false"):
        parse_truth(text)


def _sentence(parser: Parser, text: str) -> str:
    try:
        parser(text)
    except ValueError as error:
        return str(error)
    return "read"


@given(text=st.text(), parser=st.sampled_from([*BARE.values(), *WORDS.values()]))
def test_a_parser_raises_nothing_but_a_sentence(text: str, parser: Parser) -> None:
    assert _sentence(parser, text)
