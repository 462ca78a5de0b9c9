# SPDX-License-Identifier: Apache-2.0
"""Runs the tests with nothing but Python, and writes a JUnit report for whoever wants one.

python3 run_tests.py [--junit report.xml]
"""

import argparse
import sys
import time
import unittest
import xml.etree.ElementTree as ET
from pathlib import Path


class TimedResult(unittest.TextTestResult):
    """Remembers how long each test took."""

    def startTest(self, test: unittest.TestCase) -> None:  # noqa: N802 - the name it overrides
        self.began = time.perf_counter()
        super().startTest(test)

    def stopTest(self, test: unittest.TestCase) -> None:  # noqa: N802 - as above
        super().stopTest(test)
        self.__dict__.setdefault("seconds", {})[test.id()] = time.perf_counter() - self.began


def report(result: TimedResult, path: Path) -> None:
    """Write what happened as JUnit XML."""
    seconds: dict[str, float] = result.__dict__.get("seconds", {})
    faults = {test.id(): ("error", text) for test, text in result.errors}
    faults |= {test.id(): ("failure", text) for test, text in result.failures}
    suite = ET.Element(
        "testsuite", name="outreach", tests=str(len(seconds.keys() | faults.keys())),
        failures=str(len(result.failures)), errors=str(len(result.errors)), time=f"{sum(seconds.values()):.3f}",
    )  # fmt: skip
    for name in sorted(seconds.keys() | faults.keys()):
        group, _, test = name.rpartition(".")
        case = ET.SubElement(suite, "testcase", classname=group, name=test, time=f"{seconds.get(name, 0):.3f}")
        if name in faults:
            kind, text = faults[name]
            ET.SubElement(case, kind, message=text.strip().splitlines()[-1]).text = text
    path.parent.mkdir(parents=True, exist_ok=True)
    ET.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def main() -> int:
    """Run them all; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--junit", type=Path)
    options = parser.parse_args()
    here = Path(__file__).resolve().parent
    suite = unittest.defaultTestLoader.discover(str(here / "tests"), top_level_dir=str(here))
    result = unittest.TextTestRunner(resultclass=TimedResult).run(suite)
    if options.junit is not None and isinstance(result, TimedResult):
        report(result, options.junit)
    return 0 if result.wasSuccessful() and result.testsRun else 1


if __name__ == "__main__":
    sys.exit(main())
