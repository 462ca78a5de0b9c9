# SPDX-License-Identifier: Apache-2.0
import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from outreach import faults
from tests.checking import ROOT, ServedTest, run_check
from tests.world import WorldTest

ONLINE = ("core_flows", "isolation", "queue_health", "freshness", "report", "latency", "integrity")
LEAKED = "ghp_" + "a1B2c3D4e5F6" * 3
WRONG_CODE = {
    "eval": "eval(text)",
    "shell": "subprocess.run(text, shell=True)",
    "sql-from-strings": 'connection.execute(f"SELECT {text}")',
    "assert-for-access": 'assert user.role == "admin"',
    "unsafe-load": "pickle.loads(text)",
    "unverified-tls": "get(text, verify=False)",
    "weak-hash": "hashlib.md5(text)",
    "weak-random": "random.choice(text)",
}


class TreeTest(WorldTest):
    """A tree that may be spoiled."""

    def setUp(self) -> None:
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def write(self, name: str, text: str) -> Path:
        """A file of the tree."""
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        return file


class OnlineTest(WorldTest):
    def test_where_nobody_answers_nothing_is_judged(self) -> None:
        codes = {run_check(name, "--url", "http://127.0.0.1:1")[0] for name in ONLINE}
        self.assertEqual(codes, {2})


class CoreFlowsTest(ServedTest):
    def test_they_hold_again_after_more_people_came_than_a_list_shows(self) -> None:
        self.assertEqual(run_check("core_flows", "--url", self.url)[0], 0)
        came = datetime.now(UTC).isoformat()
        with closing(sqlite3.connect(self.data.file)) as connection:
            connection.executemany(
                "INSERT INTO contacts (tenant_id, name, email, interest, registered_at) VALUES (1, 'One', ?, '', ?)",
                ((f"{number}@visitor.example", came) for number in range(600)),
            )
            connection.commit()
        self.assertEqual(run_check("core_flows", "--url", self.url)[0], 0)


class IntegrityTest(ServedTest):
    def test_the_file_is_judged_as_the_service_is(self) -> None:
        self.assertEqual(run_check("integrity", "--data", self.data.folder)[0], 0)

    def test_what_does_not_agree_is_found_in_the_file(self) -> None:
        with closing(sqlite3.connect(self.data.file)) as connection:
            connection.execute("UPDATE messages SET tenant_id = 2 WHERE id = 1")
            connection.commit()
        self.assertEqual(run_check("integrity", "--data", self.data.folder)[0], 1)

    def test_where_there_is_no_file_nothing_is_judged(self) -> None:
        self.assertEqual(run_check("integrity", "--data", self.data.folder / "nowhere")[0], 2)

    def test_metrics_of_a_running_service_are_found(self) -> None:
        self.assertEqual(run_check("monitoring", "--url", self.url), run_check("monitoring"))


class FreshnessTest(ServedTest):
    def test_without_a_campaign_nothing_is_judged(self) -> None:
        with self.data.writing() as connection:
            connection.execute("DELETE FROM campaigns")
        codes = [run_check(name, "--url", self.url)[0] for name in ("freshness", "report")]
        self.assertEqual(codes, [2, 2])


class BackupTest(ServedTest):
    def test_a_backup_is_taken_and_restored_while_the_service_runs(self) -> None:
        kept = self.data.folder / "kept.sqlite3"
        code, said = run_check("backup", "--data", self.data.folder, "--to", kept)
        self.assertEqual((code, kept.exists()), (0, True), said)

    def test_without_data_there_is_nothing_to_save(self) -> None:
        self.assertEqual(run_check("backup", "--data", self.data.folder / "nowhere")[0], 2)


class MigrationsTest(TreeTest):
    def tree(self) -> Path:
        shutil.copytree(ROOT / "outreach", self.root / "outreach", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(ROOT / "checks", self.root / "checks", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "VERSION", self.root)
        return self.root

    def test_every_migration_goes_forward_and_back(self) -> None:
        code, said = run_check("migrations")
        self.assertEqual(code, 0, said)

    def test_so_it_does_with_real_data(self) -> None:
        self.add_campaign("Spring", self.add_contact("Ann"))
        self.add_contact("Ann", self.add_tenant("north"))
        code, said = run_check("migrations", "--data", self.data.folder)
        self.assertEqual(code, 0, said)

    def judged(self, number: int, way: str, sql: str) -> str:
        """The last words about a tree in which one half of a migration is something else."""
        place = next((self.tree() / "outreach/migrations").glob(f"{number:04}_*.{way}.sql"))
        place.write_text(sql, "utf-8")
        asked = [sys.executable, "-B", "checks/migrations.py", "--root", "."]
        ended = subprocess.run(asked, cwd=self.root, capture_output=True, text=True, check=False)
        self.assertEqual(ended.returncode, 1, ended.stdout + ended.stderr)
        return ended.stdout.splitlines()[-1]

    def test_a_migration_that_leaves_something_behind_is_found(self) -> None:
        self.assertIn("schema", self.judged(6, "down", "ALTER TABLE feature_flags RENAME TO kept_flags;\n"))

    def test_a_migration_that_loses_rows_is_found(self) -> None:
        down = "DELETE FROM contacts WHERE id = 2;\nDROP TABLE feature_flags;\n"
        self.assertIn("lost", self.judged(6, "down", down))


class DefectsTest(TreeTest):
    def code(self, **changes: Any) -> int:
        open_one = {"id": "A-1", "severity": "P2", "state": "open", "title": "T"}
        document = {"as_of": "2026-03-09", "complete": True, "total": 1, "defects": [open_one], **changes}
        return run_check("defects", "--list", self.write("defects.json", json.dumps(document)))[0]

    def defect(self, **changes: str) -> list[dict[str, str]]:
        return [{"id": "A-1", "severity": "P1", "state": "open", "title": "T", **changes}]

    def test_a_harmless_list_passes(self) -> None:
        self.assertEqual([self.code(), run_check("defects")[0]], [0, 0])

    def test_one_grave_open_defect_is_enough(self) -> None:
        self.assertEqual([self.code(defects=self.defect(severity=severity)) for severity in ("P0", "P1")], [1, 1])

    def test_one_that_is_closed_is_not(self) -> None:
        self.assertEqual(self.code(defects=self.defect(state="closed")), 0)

    def test_a_list_that_is_not_whole_proves_nothing(self) -> None:
        self.assertEqual([self.code(complete=False), self.code(total=2), self.code(defects=[])], [2, 2, 2])

    def test_words_that_nobody_knows_prove_nothing(self) -> None:
        wrong = [{"severity": "blocker"}, {"state": "parked"}]
        self.assertEqual([self.code(defects=self.defect(**change)) for change in wrong], [2, 2])

    def test_what_is_no_list_proves_nothing(self) -> None:
        self.assertEqual(run_check("defects", "--list", self.write("defects.json", "[]"))[0], 2)


class MonitoringTest(TreeTest):
    def judged(self, change: dict[str, object]) -> str:
        rules = json.loads((ROOT / "alerts/outreach.json").read_text("utf-8"))
        rules["groups"][0]["rules"][0].update(change)
        self.write("alerts/outreach.json", json.dumps(rules))
        shutil.copytree(ROOT / "outreach", self.root / "outreach", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "VERSION", self.root)
        return run_check("monitoring", "--root", self.root)[1].splitlines()[-1]

    def test_a_rule_about_nothing_that_is_exported_is_found(self) -> None:
        self.assertIn("outreach_gone", self.judged({"expr": "outreach_gone > 1"}))

    def test_a_rule_without_words_is_found(self) -> None:
        self.assertIn("lacks", self.judged({"annotations": {}}))

    def test_a_tree_without_rules_is_found(self) -> None:
        self.assertEqual(run_check("monitoring", "--root", self.root)[0], 1)


class SecretsTest(TreeTest):
    def scan(self) -> tuple[int, list[dict[str, Any]], str]:
        report = self.root / "build/secrets.json"
        code, said = run_check("secrets_scan", "--root", self.root, "--report", report)
        text = report.read_text("utf-8")
        return code, json.loads(text), text + said

    def test_the_tree_holds_none(self) -> None:
        code, said = run_check("secrets_scan", "--report", self.root / "secrets.json")
        self.assertEqual(code, 0, said)

    def test_a_secret_is_found_and_not_repeated(self) -> None:
        self.write("settings.py", f"HOST = 'x'\nTOKEN = '{LEAKED}'\n")
        code, findings, everything = self.scan()
        places = {(finding["File"], finding["StartLine"], finding["Secret"]) for finding in findings}
        self.assertEqual((code, places, LEAKED in everything), (1, {("settings.py", 2, "REDACTED")}, False))

    def test_a_private_key_is_found(self) -> None:
        self.write("key.pem", "-----BEGIN EC " + "PRIVATE KEY-----\n")
        self.assertEqual([finding["RuleID"] for finding in self.scan()[1]], ["private-key"])

    def test_words_are_no_secret(self) -> None:
        self.write("settings.py", "password = 'correct horse battery'\nsecret = 'aaaaaaaaaaaaaaaa1111'\n")
        self.assertEqual(self.scan()[:2], (0, []))

    def test_a_line_that_is_marked_is_no_secret(self) -> None:
        self.write("settings.py", f"TOKEN = '{LEAKED}'  # gitleaks:" + "allow\n")
        self.assertEqual(self.scan()[:2], (0, []))

    def test_an_empty_tree_proves_nothing(self) -> None:
        self.assertEqual(self.scan()[0], 2)


class SecurityTest(TreeTest):
    def scan(self) -> tuple[int, dict[str, Any]]:
        report = self.root / "build/security.sarif"
        code, _ = run_check("security_scan", "--root", self.root, "--report", report)
        return code, json.loads(report.read_text("utf-8"))["runs"][0]

    def test_the_tree_holds_nothing(self) -> None:
        code, said = run_check("security_scan", "--report", self.root / "security.sarif")
        self.assertEqual(code, 0, said)

    def test_every_rule_finds_what_it_is_for(self) -> None:
        for rule, code in WRONG_CODE.items():
            with self.subTest(rule):
                self.write("wrong.py", f"x = 1\n{code}\n")
                ended, run = self.scan()
                found = [(result["ruleId"], place(result)) for result in run["results"]]
                self.assertEqual((ended, found), (1, [(rule, ("wrong.py", 2))]))

    def test_every_rule_is_described(self) -> None:
        self.write("right.py", "x = 1\n")
        rules = {rule["id"] for rule in self.scan()[1]["tool"]["driver"]["rules"]}
        self.assertEqual(rules, set(WRONG_CODE))

    def test_statements_with_parameters_are_right(self) -> None:
        self.write("right.py", 'connection.execute("SELECT ? " "FROM x", (1,))\nhashlib.sha256(b"")\n')
        self.assertEqual(self.scan()[0], 0)

    def test_a_file_that_cannot_be_read_is_no_clearance(self) -> None:
        self.write("wrong.py", "def (:\n")
        ended, run = self.scan()
        self.assertEqual((ended, run["invocations"][0]["executionSuccessful"]), (2, False))

    def test_a_finding_keeps_its_fingerprint_when_it_moves(self) -> None:
        prints = []
        for before in ("", "\n\n"):
            self.write("wrong.py", f"{before}eval(text)\n")
            prints += [result["partialFingerprints"] for result in self.scan()[1]["results"]]
        self.assertEqual(prints[0], prints[1])


def place(result: dict[str, Any]) -> tuple[str, int]:
    """File and line of a finding."""
    where = result["locations"][0]["physicalLocation"]
    return where["artifactLocation"]["uri"], where["region"]["startLine"]


class NamesTest(WorldTest):
    def test_a_fault_names_the_check_that_finds_it(self) -> None:
        named = [about.rpartition("(")[2].rstrip(")") for about in faults.NAMES.values()]
        self.assertEqual([name for name in named if not (ROOT / name).is_file()], [])
