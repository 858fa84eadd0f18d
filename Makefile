# `make up` runs Tallyman on this machine and `make test` proves that it works; `make` lists the rest.
#
# Everything is installed into .venv, from the lock files, with hashes.
# Stamp files in .venv say what is installed, so a second run starts at once and needs no network.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := purchasing store service workers tallyman

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help up test install install-dev install-bench install-fuzz lint fmt bench fuzz coverage chaos chart build lock clean stale

up: install ## start everything: Valkey, the Cofactr sandbox, service, workers (ARGS="--port 9000")
	@$(BIN)/tallyman up $(ARGS)

test: install-dev ## run the whole test suite (ARGS="-k name" runs a part of it)
	@$(BIN)/pytest $(ARGS)

lint: install-dev ## check style, types and the architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

fmt: install-dev ## format, and fix what can be fixed without asking
	$(BIN)/ruff check --fix --exit-zero --quiet .
	$(BIN)/ruff format .

bench: install-bench ## measure, and print the table that the README shows (ARGS=--quick for a first look)
	@$(BIN)/python -m benchmarks $(ARGS)

chaos: install-dev ## kill everything again and again under load, with another seed each time (MINUTES=5)
	@$(BIN)/python -m tests.chaos --minutes $(or $(MINUTES),5)

fuzz: install-fuzz ## give every reader and verifier what nobody would send (MINUTES=10)
	@$(BIN)/python -m tests.fuzz --minutes $(or $(MINUTES),10) $(ARGS)

coverage: install-dev ## run the tests and show which lines and branches they leave out
	@$(BIN)/pytest --cov --cov-report=term --cov-report=html $(ARGS)

# The chart's schema is made first, so that what is printed is held against the values as they are.
chart: install-dev ## print the chart as Helm renders it (VALUES=file)
	@$(BIN)/python -m tests.test_chart.schema
	@$(BIN)/helm template tallyman helm $(if $(VALUES),--values $(VALUES)) $(ARGS)

install: $(VENV)/.run ## install what running needs
	@:

install-dev: $(VENV)/.dev ## install what developing needs
	@:

install-bench: $(VENV)/.bench ## install what is measured against
	@:

install-fuzz: $(VENV)/.fuzz ## install what fuzzing needs
	@:

build: install-dev ## build the wheel into dist/
	@$(BIN)/uv build --quiet --offline --no-build-isolation --python $(BIN)/python --wheel

# The largest file is resolved first and binds the others, so that all of them name the same versions.
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header --no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade)

lock: $(VENV)/.bootstrap ## resolve the lock files again (UPGRADE=1 takes the newest versions)
	$(COMPILE) --output-file requirements-dev.lock pyproject.toml --group dev
	$(COMPILE) --output-file requirements.lock pyproject.toml --constraints requirements-dev.lock
	$(COMPILE) --output-file requirements-bootstrap.lock --group bootstrap --constraints requirements-dev.lock
	$(COMPILE) --output-file requirements-bench.lock --group bench --constraints requirements-dev.lock
	$(COMPILE) --output-file requirements-fuzz.lock --group fuzz --constraints requirements-dev.lock

clean: ## remove what was installed and what tools left behind; the data directory .tallyman stays
	rm -rf $(VENV) dist htmlcov .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find $(PACKAGES) tests benchmarks -type d -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

# A checkout that was moved, or whose Python is gone, has an environment that cannot run: it is made anew.
STALE := $(shell { [ "$$(cat $(VENV)/.bootstrap)" = "$(CURDIR)" ] && $(BIN)/python -c ""; } 2>/dev/null || echo stale)

# Only this step uses the machine's own Python and pip: they bring uv, and uv brings the rest.
$(VENV)/.bootstrap: requirements-bootstrap.lock $(STALE)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Tallyman needs Python 3.11 or newer, and '$(PYTHON)' is not. Name one that is: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
		echo "'$(PYTHON)' has no venv. Install it first; on Debian and Ubuntu it is the package python3-venv." >&2; exit 1; }
	@echo "Installing into $(VENV)"
	@$(PYTHON) -m venv $(if $(STALE),--clear) $(VENV)
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes --requirement $<
	@echo "$(CURDIR)" > $@

# Compiled at once, because every process of `make up` would otherwise do it at its start.
# uv is quick; where only pip is set up to find packages (a mirror, a proxy, a certificate), pip does the same slowly.
install_locked = $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes --requirement $(1) \
	|| { echo "uv could not; trying with pip" >&2; $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes --requirement $(1); }

# Adds and never removes, so that `make up` after `make test` leaves the development tools where they are.
$(VENV)/.run: $(VENV)/.bootstrap requirements.lock pyproject.toml
	@$(call install_locked,requirements.lock)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --offline --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	@$(call install_locked,requirements-dev.lock)
	@touch $@

$(VENV)/.bench: $(VENV)/.dev requirements-bench.lock
	@$(call install_locked,requirements-bench.lock)
	@touch $@

$(VENV)/.fuzz: $(VENV)/.dev requirements-fuzz.lock
	@$(call install_locked,requirements-fuzz.lock)
	@touch $@
