# SPDX-License-Identifier: Apache-2.0
import contextlib
import io

from outreach import faults, flags
from outreach.__main__ import main
from outreach.faults import Faults, UnknownFaultError
from outreach.flags import UnknownFlagError
from tests.world import Browser, WorldTest


class CommandTest(WorldTest):
    def run_command(self, *arguments: str) -> tuple[int, str]:
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = main([*arguments, "--data", str(self.data.folder)])
        return code, said.getvalue()

    def test_a_flag_is_off_until_it_is_switched_on(self) -> None:
        said = [self.run_command("flag", "list"), self.run_command("flag", "personal-greeting", "on")]
        self.assertEqual([text.split(":")[0] for _, text in said], ["personal-greeting off", "personal-greeting on"])

    def test_a_flag_can_be_switched_off_again(self) -> None:
        for state in ("on", "off"):
            self.run_command("flag", "personal-greeting", state)
        with self.data.reading() as connection:
            self.assertFalse(flags.is_on(connection, "personal-greeting"))

    def test_a_flag_that_nobody_knows_is_refused(self) -> None:
        with self.assertRaises(UnknownFlagError), self.data.writing() as connection:
            flags.switch(connection, "nothing", "on", self.now)

    def test_a_flag_that_a_later_release_left_behind_is_ignored(self) -> None:
        with self.data.writing() as connection:
            connection.execute("INSERT INTO feature_flags VALUES ('later', 'on', '')")
        with self.data.reading() as connection:
            self.assertNotIn("later", flags.states(connection))

    def test_a_refused_command_says_so_in_one_line(self) -> None:
        commands = (
            ("flag", "nothing", "on"),
            ("flag", "nothing"),
            ("fault", "nothing", "on"),
            ("add-tenant", "default"),
        )
        ended = [self.run_command(*command) for command in commands]
        self.assertEqual([(code, len(text.splitlines())) for code, text in ended], [(1, 1)] * 4)

    def test_flags_are_in_the_metrics(self) -> None:
        self.run_command("flag", "personal-greeting", "on")
        self.assertIn('outreach_feature_flag{name="personal-greeting"} 1\n', Browser(self).page("/metrics"))

    def test_faults_are_listed(self) -> None:
        self.run_command("fault", "stale-data", "on", "--release", "9.9.9")
        self.assertIn("stale-data on in 9.9.9:", self.run_command("fault", "list")[1])


class FaultTest(WorldTest):
    def test_there_is_no_fault_unless_the_service_allows_it(self) -> None:
        faults.switch_on(self.data.folder, "stale-data", "")
        self.assertFalse(Faults(self.data.folder, "9.9.9").on("stale-data"))

    def test_a_fault_may_be_in_one_release_only(self) -> None:
        faults.switch_on(self.data.folder, "stale-data", "1.2.0")
        found = [Faults(self.data.folder, version, is_allowed=True).on("stale-data") for version in ("1.1.0", "1.2.0")]
        self.assertEqual(found, [False, True])

    def test_corrupt_data_is_whole_again_afterwards(self) -> None:
        faults.switch_on(self.data.folder, "corrupt-data", "")
        self.worker.turn()
        broken = faults.is_corrupt(self.data)
        faults.switch_off(self.data, "corrupt-data")
        self.worker.turn()
        self.assertEqual((broken, faults.is_corrupt(self.data)), (True, False))

    def test_a_fault_that_nobody_knows_is_refused(self) -> None:
        with self.assertRaises(UnknownFaultError):
            faults.switch_on(self.data.folder, "../secret", "")
