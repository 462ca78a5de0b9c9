# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.adapters.semver import Size, Version, parse_version, step

IN_ORDER = (
    "0.0.1", "0.1.0", "1.0.0-0", "1.0.0-2", "1.0.0-11", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta",
    "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0-rc.1",
    "2.0.0", "10.0.0",
)  # fmt: skip
NONE = (
    "", "1", "1.2", "V1.2.3", "vv1.2.3", "v", "1.2.3.4", "01.2.3", "1.02.3", "1.2.3-", "1.2.3-01", "1.2.3-a..b",
    "1.2.3+", "1.2.3 ", "1.2.3\n", "1.2.-3", "1.2.3-ä", "\N{ARABIC-INDIC DIGIT ONE}.2.3",
    "abc", "1.2.3-" + "a" * 200, "9" * 30 + ".0.0",
)  # fmt: skip

numbers = st.integers(0, 30)
versions = st.builds("{}.{}.{}{}".format, numbers, numbers, numbers, st.sampled_from(["", "-rc.1", "-a", "-7"])).map(
    parse_version
)


def test_versions_are_ordered_by_precedence() -> None:
    backwards = IN_ORDER[::-1]
    assert sorted(backwards, key=parse_version) == list(IN_ORDER)


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_semantic_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no semantic version"):
        parse_version(text)


def test_the_letter_before_a_tag_is_no_part_of_the_version() -> None:
    assert parse_version("v1.2.3-rc.1") == parse_version("1.2.3-rc.1")


def test_metadata_makes_no_version_greater() -> None:
    assert parse_version("1.2.3+b") == parse_version("1.2.3+a.7")


@pytest.mark.parametrize(
    ("former", "version", "size"),
    [
        ("1.2.3", "1.2.4", "patch"),
        ("1.2.3", "1.3.0", "minor"),
        ("1.2.3", "2.0.0", "major"),
        ("1.2.3", "2.0.0-rc.1", "major"),
        ("2.0.0-rc.1", "2.0.0", "patch"),
        ("2.0.0-rc.1", "2.0.0-rc.2", "patch"),
        ("0.1.0", "0.2.0", "minor"),
        ("0.9.0", "1.0.0", "major"),
    ],
)
def test_a_step_counts_by_its_first_number_that_differs(former: str, version: str, size: str) -> None:
    assert step(parse_version(former), parse_version(version)) == size


@given(versions, versions, versions)
def test_a_way_of_two_steps_is_no_less_than_each(one: Version, two: Version, three: Version) -> None:
    first, second, third = sorted((one, two, three))
    assert step(first, third).rank >= max(step(first, second).rank, step(second, third).rank)


def test_sizes_are_ordered() -> None:
    assert sorted(Size, key=lambda size: size.rank) == [Size.PATCH, Size.MINOR, Size.MAJOR]
