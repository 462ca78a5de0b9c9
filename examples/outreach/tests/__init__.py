# SPDX-License-Identifier: Apache-2.0
"""The service's own tests: `python3 -m unittest`, or pytest, or `python3 run_tests.py --junit report.xml`."""
