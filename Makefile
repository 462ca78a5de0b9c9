# Every target does all its own set-up. A machine needs python3 (3.11 or later) with pip, git and make;
# test and demo also install Debian packages that are missing, which needs root.

PYTHON ?= python3
TOOLS := git ssh-keygen:openssh-client

.DEFAULT_GOAL := help
.PHONY: help setup test check demo bench bench-rollout fix lock tools
.DELETE_ON_ERROR:

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/ready ## the command at .venv/bin/interlock

test: setup tools ## every test, and the coverage floors
	scripts/debian-packages prometheus haproxy
	scripts/test

check: setup ## form, rules, types, architecture (fast)
	scripts/check

demo: setup tools ## a whole release, its refusals, a rollback, and an outsider's verification
	.venv/bin/python demo/run.py

bench: setup tools ## what is measured, against its targets
	scripts/bench

bench-rollout: setup tools ## rollouts on real proxies: breach to zero, dead controllers, routing (long)
	scripts/debian-packages prometheus haproxy
	.venv/bin/python -m bench.rollout

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
