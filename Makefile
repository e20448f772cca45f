# Two commands for a user (drill, test); the rest for those who change the code.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PLAN ?= scenarios/plans/flash_sale.toml
UNITS := tests/chaos tests/capacity tests/scenarios
REAL := tests/integration
LOADS := $(addprefix $(REAL)/test_,distributed.py stranger.py closed_load.py overdriven.py)
DRILLS := $(addprefix $(REAL)/test_,drill.py locust_users.py)
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PATH := $(abspath $(BIN)):$(PATH)

.PHONY: drill test check setup lint types arrows units greenlets others integration loads processes drills calm example-oscar bench bench-quick bench-peers format lock schema clean help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

drill: setup ## set everything up, then rehearse the flash sale, or PLAN=file.toml
	$(BIN)/rehearse doctor --mend --quiet
	$(BIN)/rehearse drill $(PLAN)

test: setup ## set everything up, then run all checks and tests
	$(BIN)/rehearse doctor --mend --quiet
	$(MAKE) check

# What no clock can disturb runs on both processors at once; then what starts real processes, and waits for them
# so much that the type checker beside it costs nothing; then what a machine that does much else would disturb.
check: ## lint, types, arrows and tests, on an environment that is set up
	$(BIN)/coverage erase
	$(MAKE) --no-print-directory -j2 -Otarget others lint arrows units greenlets
	$(MAKE) --no-print-directory -j3 -Otarget loads processes types
	$(MAKE) --no-print-directory -j2 -Otarget drills calm
	$(BIN)/coverage combine -q
	$(BIN)/coverage report

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy
	$(BIN)/mypy examples/graphql/*.py
	$(BIN)/mypy examples/oscar/*.py

arrows:
	$(BIN)/lint-imports

# To ask which greenlet runs, at each line, takes a quarter of the time: only where there are any.
greenlets:
	$(BIN)/coverage run -m pytest tests/scenarios

units:
	$(BIN)/coverage run --concurrency=thread -m pytest $(filter-out tests/scenarios,$(UNITS))

others:
	$(BIN)/coverage run --concurrency=thread -m pytest tests $(UNITS:%=--ignore=%) --ignore=$(REAL)

# Most of these accept that a busy machine makes a run INVALID; two at a time, they wait for one another less.
integration: ## only the tests that start real processes
	$(MAKE) --no-print-directory -j2 -Otarget loads processes
	$(MAKE) --no-print-directory -j2 -Otarget drills calm

loads:
	$(BIN)/coverage run -m pytest -m "not calm" $(LOADS)

processes:
	$(BIN)/coverage run -m pytest -m "not calm" $(REAL) $(LOADS:%=--ignore=%)

drills:
	$(BIN)/coverage run -m pytest $(DRILLS)

calm:
	$(BIN)/coverage run -m pytest -m calm $(REAL) $(DRILLS:%=--ignore=%)

example-oscar: setup ## rehearse a real shop, django-oscar: its set-up and seven drills, about five minutes
	$(BIN)/rehearse doctor --mend --quiet
	$(BIN)/python examples/oscar/run.py

bench: setup bench-peers ## measure the load engine beside its peers, about 40 minutes
	$(BIN)/python -m benchmarks

bench-quick: setup bench-peers ## the same in four minutes, once the peers are installed
	$(BIN)/python -m benchmarks --quick

bench-peers: setup ## install the peers into the user's cache
	$(BIN)/python -m benchmarks.install

format: setup ## format the code and apply safe fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

setup: $(VENV)/.ready

# Hashes are checked and nothing is resolved anew: the lock is the environment. All processors compile it.
$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name one with: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-compile --require-hashes -r requirements.lock
	-@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

lock: ## pin the newest allowed versions anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-annotate --no-header --quiet --upgrade --extra dev pyproject.toml -o requirements.lock

schema: setup ## write the plan's JSON Schema anew
	UPDATE_GOLDEN=1 $(BIN)/pytest -q tests/rehearsal/model/test_plan_schema.py

clean: ## remove the environment and the caches, keep runs/
	rm -rf $(VENV) examples/oscar/.venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info .coverage*
