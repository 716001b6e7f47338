# Everything one does with Bankable from a shell. `make` alone lists the targets.

PYTHON ?= python3
TEST_JOBS ?= 2

BIN := .venv/bin
UV := .venv/.uv
READY := .venv/.ready
DEV := .venv/.dev
BENCH := .venv/.bench
TOOLS := .venv/.tools
COMPILE := $(BIN)/uv pip compile --quiet --upgrade --universal --python $(BIN)/python --generate-hashes \
	--no-emit-index-url --no-header --no-annotate
INSTALL := $(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes --requirement
# What a test does after 25 minutes is a hang on any machine: it ends then with what each thread did (tests/waiting.py).
PYTEST := $(BIN)/pytest -o faulthandler_timeout=1500 -o faulthandler_exit_on_timeout=true
PARALLEL := $(PYTEST) -n $(TEST_JOBS) --dist loadfile --no-loadscope-reorder --max-worker-restart 0 --durations=20

.DEFAULT_GOAL := help
# Whoever's shell says that Python keeps nothing compiled would have each of the tests' processes compile it all.
unexport PYTHONDONTWRITEBYTECODE
.DELETE_ON_ERROR:
.PHONY: help install demo serve test long chaos check screenshots bench lock release clean

help: ## List every target with a sentence.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  Another interpreter: make demo PYTHON=python3.12"

# All that the machine must have is looked for first, for whatever was asked.
test long chaos screenshots bench: NEEDED_FOR := tests

install: $(READY) ## Set Bankable up in .venv; `. .venv/bin/activate` then knows the command `bankable`.

# The commands of demo and serve stand alone and without shell syntax: make then starts them without a shell
# in between, and a TERM that make receives reaches them.
demo: $(READY) ## Take the seed partnership's story the whole way to a bankable proposal, into var/demo.
	@$(BIN)/bankable demo

serve: $(READY) ## Start the API, a Prefect server and the runner on this machine, and say where.
	@$(BIN)/bankable serve

test: $(DEV) $(TOOLS) ## Run the tests on SQLite, the heart of them on PostgreSQL too; PYTEST_ARGS="-k region" narrows them.
	$(PARALLEL) $(PYTEST_ARGS)
	$(PYTEST) -q -m "browser and not long" tests/pages $(PYTEST_ARGS)

long: $(DEV) $(TOOLS) ## Run the longer tests, laws on all their examples, the rest on PostgreSQL; .ci/run runs them too.
	$(PARALLEL) -m "long and not bench and not chaos and not browser" $(PYTEST_ARGS)
	$(PYTEST) -q -n $(TEST_JOBS) --durations=20 -m "browser and long" tests/pages $(PYTEST_ARGS)

chaos: $(DEV) $(TOOLS) ## Live through months of reminders, and through kills on a work pool, while workers die.
	$(BIN)/pytest -q -s -m chaos tests $(PYTEST_ARGS)

check: $(DEV) ## Check style, types, the direction of imports and the house's conventions.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/conventions

screenshots: $(DEV) $(TOOLS) ## Take a picture of every page, wide and on a phone, in two languages, into var/screenshots.
	@test -f var/demo/bankable.db || $(BIN)/bankable demo
	$(BIN)/python -m tests.pages.browser.screenshots var/demo var/screenshots

bench: $(BENCH) $(TOOLS) ## Measure what is slow, as ratios against something run beside it.
	$(BIN)/pytest -q -s -m bench tests/bench

lock: $(UV) ## Resolve the dependencies anew into the lock of each group (names and hashes only).
	$(COMPILE) --group pyproject.toml:setup --output-file requirements-setup.lock
	$(COMPILE) pyproject.toml --output-file requirements.lock
	$(COMPILE) pyproject.toml --group dev --constraint requirements.lock --output-file requirements-dev.lock
	$(COMPILE) pyproject.toml --group bench --constraint requirements-dev.lock --output-file requirements-bench.lock

release: $(DEV) $(TOOLS) ## Keep what the version in pyproject.toml makes in tests/releases (docs/how-to/releasing.md).
	$(BIN)/python -m tests.releases.release

clean: ## Remove .venv, caches and var/demo; other data in var stay.
	rm -rf .venv var/demo build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(UV): requirements-setup.lock
	@sh scripts/need "$(PYTHON)" $(NEEDED_FOR)
	@$(BIN)/python -c 'pass' 2>/dev/null || rm -rf .venv
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

$(READY): requirements.lock pyproject.toml $(UV)
	$(INSTALL) $<
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@# WeasyPrint looks for its libraries; -W turns its warning that HarfBuzz-subset is missing into a failure.
	@$(BIN)/python -W error -c 'import weasyprint'
	@touch $@

$(DEV): requirements-dev.lock $(READY)
	$(INSTALL) $<
	@touch $@

$(BENCH): requirements-bench.lock $(DEV)
	$(INSTALL) $<
	@touch $@

$(TOOLS): $(DEV)
	@sh scripts/need "$(PYTHON)" tests
	@touch $@
