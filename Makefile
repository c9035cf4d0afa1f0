# Everything a newcomer needs: `make run` and `make test`. `make help` lists the rest.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
PY := $(VENV)/bin/python
UV := $(VENV)/bin/uv
UV_VERSION := 0.13.9
export UV_PROJECT_ENVIRONMENT := $(VENV)
export UV_PYTHON_DOWNLOADS := never
# An office's network often has an authority of its own: trust what the machine trusts.
export UV_SYSTEM_CERTS ?= true
export PYTHONPATH := .

.DEFAULT_GOAL := help
.PHONY: help run test check format bench soak package clean

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# uv lives inside the environment it fills, so nothing is installed outside this folder.
$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Khidmat needs Python 3.11 or later: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# Two stamps: the suite needs less than the tests do, and neither is installed twice.
$(VENV)/.run-ready: uv.lock pyproject.toml $(UV)
	@$(UV) sync --frozen --inexact --no-dev --quiet
	@touch $@

$(VENV)/.test-ready: uv.lock pyproject.toml $(UV)
	@$(UV) sync --frozen --inexact --quiet
	@touch $@ $(VENV)/.run-ready

run: $(VENV)/.run-ready ## start the whole suite on http://localhost:8000 (PORT=, FRESH=1 to start over)
	@exec $(PY) -m infra.local run --port $(PORT) $(if $(FRESH),--fresh)

test: $(VENV)/.test-ready ## all tests, with coverage
	@$(PY) -m pytest --numprocesses=2 --dist=loadfile --cov --cov-report=term

check: $(VENV)/.test-ready ## lint, types, import rules, insecure code
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports --cache-dir .import_linter_cache
	@$(VENV)/bin/bandit --quiet --configfile pyproject.toml --recursive functions feedback_ml schemas infra app.py

format: $(VENV)/.test-ready ## mend what a tool can mend
	@$(VENV)/bin/ruff check --fix --quiet .
	@$(VENV)/bin/ruff format .

bench: $(VENV)/.test-ready ## measure the suite on this machine and print the figures
	@$(PY) -m tests.bench

soak: $(VENV)/.test-ready ## the long checks: fifty kills, thousands of contract cases
	@$(PY) -m tests.soak

package: $(VENV)/.run-ready ## build what Lambda runs, and its CloudFormation template, in dist/
	@$(PY) -m infra.build

clean: ## remove what was built (the data in var/ stays)
	rm -rf build dist .coverage .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
