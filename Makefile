# Every target does all its own set-up. A machine needs python3 (3.11 or later) with pip, git and make;
# test and demo also install Debian packages that are missing, which needs root.

PYTHON ?= python3
PACK ?= starter
TOOLS := git ssh-keygen:openssh-client
# What is compiled is kept, whatever the environment says: a suite starts some thousand processes that load the same.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup test plays coverage check demo screenshots bench bench-rollout bench-judge fix lock tools
.DELETE_ON_ERROR:

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/ready ## the command at .venv/bin/interlock

test: setup tools ## every test, and every branch of what decides
	scripts/debian-packages prometheus haproxy chromium npm
	scripts/test

plays: setup tools ## two written procedures played whole, on real parts (long)
	.venv/bin/pytest -q -n 2 --dist loadfile tests/plays

coverage: setup tools ## every test once more, measured everywhere (long)
	scripts/debian-packages prometheus haproxy chromium npm
	scripts/coverage

check: setup ## form, rules, types, architecture (fast)
	scripts/check

demo: setup tools ## a whole release, its refusals, a rollback, an outsider's verification; SERVE=1 then serves it; or PACK=octoacme|lsos
	.venv/bin/python demo/run.py --pack $(PACK) $(if $(SERVE),--serve)

screenshots: setup ## the pictures of the pages that the documentation shows, in docs/images
	scripts/debian-packages chromium
	scripts/screenshots

bench: setup tools ## what is measured, against its targets
	scripts/bench

bench-rollout: setup tools ## rollouts on real proxies: breach to zero, dead controllers, routing (long)
	scripts/debian-packages prometheus haproxy
	.venv/bin/python -m bench.rollout

bench-judge: setup ## the judge against its rivals on simulated rollouts (hours; goes on where it stopped)
	.venv/bin/python -m bench.judge

fix: setup ## put right what can be put right by itself
	scripts/fix

lock: .uv/ready ## requirements.lock anew, after a change of dependencies
	scripts/lock

tools:
	@scripts/debian-packages $(TOOLS)

.venv/ready: .uv/ready requirements.lock pyproject.toml
	scripts/setup $(PYTHON)
	@touch $@

.uv/ready: scripts/uv.txt
	scripts/uv $(PYTHON)
	@touch $@
