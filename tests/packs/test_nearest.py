# SPDX-License-Identifier: Apache-2.0
from interlock.packs.nearest import advice, nearest


def test_a_swapped_letter_still_finds_its_word() -> None:
    assert nearest("requries", ["roles", "requires"]) == "requires"


def test_case_and_underscores_do_not_matter() -> None:
    assert nearest("At_Most", ["at-most", "check"]) == "at-most"


def test_nothing_is_guessed_for_a_word_unlike_any() -> None:
    assert nearest("zebra", ["roles", "requires"]) == ""


def test_nothing_is_guessed_for_a_word_too_long_to_be_one() -> None:
    assert nearest("requires" * 20, ["requires"]) == ""


def test_advice_names_the_nearest_word_and_all_allowed() -> None:
    assert advice("role", ["status", "roles"]) == "did you mean 'roles'? allowed: roles, status"


def test_advice_lists_the_words_when_none_is_near() -> None:
    assert advice("zebra", ["status", "roles"]) == "use one of: roles, status"


def test_advice_says_so_when_nothing_is_allowed() -> None:
    assert advice("zebra", []) == "nothing may stand here; remove it"


def test_a_long_list_of_words_is_cut_and_counted() -> None:
    assert advice("zebra", [f"{number:03}" for number in range(30)]).endswith("022, 023 and 6 more")
