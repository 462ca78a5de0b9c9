# SPDX-License-Identifier: Apache-2.0
"""The accounts of a home, opened beside its ledger."""

from interlock.adapters.accounts.sqlite import SqliteAccounts
from interlock.config import Home
from interlock.ports.accounts import Accounts


def open_accounts(home: Home) -> Accounts:
    """The accounts of this home, made if there are none yet. Raises as `interlock.ports.accounts` says."""
    return SqliteAccounts.open(home.accounts)
