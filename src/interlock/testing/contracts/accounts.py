# SPDX-License-Identifier: Apache-2.0
"""The conformance kit of the accounts port: one or more tests per numbered clause of `interlock.ports.accounts`.

Subclass `AccountsContract` in your test suite and give it a fixture named `accounts` with nothing in it yet. What one
product alone can show (another file, a restart) is tested beside its adapter.
"""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from interlock.domain.ids import PersonId
from interlock.ports.accounts import (
    Absent,
    Account,
    Accounts,
    Added,
    Happening,
    Noted,
    PasskeyRow,
    Rank,
    SessionRow,
    Standing,
    Taken,
    TokenRow,
)

TIME: Final = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)
ANN: Final = PersonId("ann")
BEN: Final = PersonId("ben")


def an_account(person: PersonId = ANN) -> Account:
    """One of `person`."""
    return Account(person, Rank.MEMBER, Standing.ACTIVE, "$argon2id$made-up", TIME)


def a_session(digest: str = "d1", person: PersonId = ANN) -> SessionRow:
    """One of `person`, known by `digest`."""
    return SessionRow(digest, person, "password", "csrf", TIME, TIME, "127.0.0.1", ("decide", "read"))


def a_token(name: str = "ci", digest: str = "t1", person: PersonId = ANN) -> TokenRow:
    """One of `person`, narrowed to a service."""
    return TokenRow(name, digest, person, ("ask", "read"), ("outreach",), (), TIME, TIME + timedelta(days=30))


def an_entry(detail: str) -> Noted:
    """Somebody came in."""
    return Noted(TIME, Happening.LOGIN, "ann", "password", "127.0.0.1", detail)


class AccountsContract:
    """The clauses."""

    def test_an_account_is_there_as_it_was_added(self, accounts: Accounts) -> None:
        assert accounts.add(an_account()) == Added()
        assert accounts.account(ANN) == an_account()

    def test_a_person_has_one_account_and_the_first_one_stays(self, accounts: Accounts) -> None:
        accounts.add(an_account())
        assert accounts.add(replace(an_account(), rank=Rank.ADMINISTRATOR)) == Taken()
        assert accounts.account(ANN) == an_account()

    def test_who_has_none_is_absent(self, accounts: Accounts) -> None:
        assert accounts.account(ANN) == Absent()
        assert accounts.change(an_account()) == Absent()
        assert accounts.account(ANN) == Absent()

    def test_a_change_replaces_what_was_there(self, accounts: Accounts) -> None:
        accounts.add(an_account())
        disabled = replace(an_account(), standing=Standing.DISABLED)
        assert accounts.change(disabled) == Added()
        assert accounts.account(ANN) == disabled

    def test_accounts_come_by_handle(self, accounts: Accounts) -> None:
        accounts.add(an_account(BEN))
        accounts.add(an_account(ANN))
        assert [one.person for one in accounts.accounts()] == [ANN, BEN]

    def test_a_session_is_known_by_its_digest_alone(self, accounts: Accounts) -> None:
        accounts.open_session(a_session())
        assert accounts.session("d1") == a_session()
        assert accounts.session("d2") == Absent()

    def test_a_session_that_was_used_says_when(self, accounts: Accounts) -> None:
        accounts.open_session(a_session())
        accounts.see("d1", TIME + timedelta(hours=1))
        accounts.see("never there", TIME)
        assert accounts.sessions() == [replace(a_session(), seen_at=TIME + timedelta(hours=1))]

    def test_an_ended_session_is_gone_at_once_and_may_be_ended_again(self, accounts: Accounts) -> None:
        accounts.open_session(a_session())
        assert accounts.end_session("d1") == Added()
        assert accounts.session("d1") == Absent()
        assert accounts.end_session("d1") == Absent()

    def test_all_sessions_of_one_person_end_together_and_nobody_elses(self, accounts: Accounts) -> None:
        for digest, person in (("d1", ANN), ("d2", BEN), ("d3", ANN)):
            accounts.open_session(a_session(digest, person))
        theirs = [one for one in accounts.sessions() if one.person == ANN]
        assert accounts.end_sessions(ANN) == len(theirs)
        assert [one.digest for one in accounts.sessions()] == ["d2"]
        assert accounts.end_sessions(ANN) == 0

    def test_a_token_is_known_by_its_digest_with_all_it_is_for(self, accounts: Accounts) -> None:
        assert accounts.keep_token(a_token()) == Added()
        assert accounts.token("t1") == a_token()
        assert accounts.token("ci") == Absent()

    def test_a_tokens_name_is_used_once(self, accounts: Accounts) -> None:
        accounts.keep_token(a_token())
        assert accounts.keep_token(a_token("ci", "t2")) == Taken()
        assert accounts.tokens() == [a_token()]

    def test_a_revoked_token_is_gone_at_once_and_may_be_revoked_again(self, accounts: Accounts) -> None:
        accounts.keep_token(a_token())
        assert accounts.revoke_token("ci") == a_token()
        assert accounts.token("t1") == Absent()
        assert accounts.revoke_token("ci") == Absent()

    def test_a_persons_passkeys_come_oldest_first_and_each_is_kept_once(self, accounts: Accounts) -> None:
        first, second = (PasskeyRow(f"c{at}", ANN, f"line {at}", TIME + timedelta(at)) for at in (1, 2))
        assert accounts.keep_passkey(second) == accounts.keep_passkey(first) == Added()
        assert accounts.keep_passkey(replace(first, person=BEN)) == Taken()
        assert list(accounts.passkeys(ANN)) == [first, second]
        assert list(accounts.passkeys(BEN)) == []

    def test_a_passkey_is_found_by_how_its_browser_finds_it(self, accounts: Accounts) -> None:
        kept = PasskeyRow("c1", ANN, "line 1", TIME)
        accounts.keep_passkey(kept)
        assert (accounts.passkey("c1"), accounts.passkey("c2")) == (kept, Absent())

    def test_the_trail_is_numbered_without_a_gap_in_the_order_it_was_noted(self, accounts: Accounts) -> None:
        for detail in "abc":
            accounts.note(an_entry(detail))
        found = accounts.trail(10)
        assert [(one.number, one.noted.detail) for one in found] == [(1, "a"), (2, "b"), (3, "c")]
        assert found[0].noted == an_entry("a")

    def test_of_the_trail_the_newest_are_given_oldest_first(self, accounts: Accounts) -> None:
        for detail in "abc":
            accounts.note(an_entry(detail))
        assert [one.noted.detail for one in accounts.trail(2)] == ["b", "c"]
        assert list(accounts.trail(0)) == []

    def test_whatever_is_changed_the_version_is_another_one_and_looking_changes_nothing(
        self, accounts: Accounts
    ) -> None:
        versions = [accounts.version()]
        for change in (
            lambda: accounts.add(an_account()),
            lambda: accounts.change(replace(an_account(), standing=Standing.DISABLED)),
            lambda: accounts.open_session(a_session()),
            lambda: accounts.see("d1", TIME + timedelta(hours=1)),
            lambda: accounts.end_session("d1"),
            lambda: accounts.open_session(a_session("d2")),
            lambda: accounts.end_sessions(ANN),
            lambda: accounts.keep_token(a_token()),
            lambda: accounts.revoke_token("ci"),
        ):
            change()
            versions.append(accounts.version())
            found = (accounts.session("d1"), accounts.token("t1"), accounts.account(ANN))
            assert (accounts.version(), len(found)) == (versions[-1], 3)
        assert len(set(versions)) == len(versions)

    def test_several_threads_lose_no_entry(self, accounts: Accounts) -> None:
        def write() -> None:
            for number in range(20):
                accounts.note(an_entry(str(number)))

        threads = [threading.Thread(target=write) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [one.number for one in accounts.trail(100)] == list(range(1, 81))
        accounts.close()
