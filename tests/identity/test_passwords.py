# SPDX-License-Identifier: Apache-2.0
import pytest

from interlock.identity.passwords import LONGEST, fits, hashed, prepare, weakness_of


def test_the_password_fits_its_hash_and_no_other_does() -> None:
    kept = hashed("correct horse battery")
    assert kept.startswith("$argon2id$")
    assert fits("correct horse battery", kept)
    assert not fits("correct horse batterx", kept)


def test_where_there_is_no_password_none_fits() -> None:
    prepare()
    assert not fits("", "")
    assert not fits("nobody has this password", "")


def test_a_hash_of_another_kind_fits_nothing() -> None:
    assert not fits("correct horse battery", "correct horse battery")


@pytest.mark.parametrize("password", ["short", "abababababababab", "x" * (LONGEST + 1)])
def test_a_weak_password_is_not_taken(password: str) -> None:
    assert weakness_of(password)


def test_a_sentence_is_taken() -> None:
    assert not weakness_of("only I would say this")
