# SPDX-License-Identifier: Apache-2.0
import pytest

from interlock.adapters.accounts.memory import MemoryAccounts
from interlock.testing.contracts.accounts import AccountsContract


class TestMemoryAccounts(AccountsContract):
    @pytest.fixture
    def accounts(self) -> MemoryAccounts:
        return MemoryAccounts()
