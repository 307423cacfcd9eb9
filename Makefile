# Run `make` to see the targets. Needs Python 3.11 or newer with venv, and make; all else is installed into .venv.

# Without bytecode files and numba's disk cache each process would compile everything again.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
STAMP := $(VENV)/.installed
PYTHON ?=
SLOW ?=
COVERAGE ?=
ARGS ?=

MARKS := $(if $(SLOW),-m "slow or not slow")
COVER := $(if $(COVERAGE),--cov --cov-report=term)

.DEFAULT_GOAL := help
.PHONY: help demo test check fix bench serve lock

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(STAMP) ## Run a backtest on real prices (S&P 500, 1999-2018) and write an HTML report
	@$(BIN)/hindcast demo

test: $(STAMP) ## Run the test suite (SLOW=1: the slow tests too; COVERAGE=1: measure it; ARGS="-k name")
	@$(PY) -m pytest $(MARKS) $(COVER) $(ARGS)

check: $(STAMP) ## Format, lint, types, import law, size, doctests: green before each commit
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(PY) -m pytest -q tests/architecture
	@$(PY) -m pytest -q --doctest-modules src

fix: $(STAMP) ## Format, and mend what the linter can mend by itself
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(STAMP) ## Time the hot paths, beside their peers where these are installed
	@for file in bench/[!_]*.py; do echo "== $$file"; $(PY) "$$file" || exit 1; done

serve: $(STAMP) ## Start the service, and a worker beside it (ARGS="--port 8001 --data FOLDER")
	@$(BIN)/hindcast serve $(ARGS)

lock: $(STAMP) ## Resolve the dependencies anew into the two requirements files (needs uv)
	@uv pip compile --quiet --universal --generate-hashes --extra dev --extra server --python-version 3.11 --no-header \
		--no-emit-find-links --custom-compile-command "make lock" $(ARGS) pyproject.toml --output-file requirements.lock
	@uv pip compile --quiet --universal --generate-hashes --extra server --group build --python-version 3.11 --no-header \
		--no-emit-find-links --custom-compile-command "make lock" --constraint requirements.lock \
		pyproject.toml --output-file requirements-server.lock

# uv does the same work several times faster; it is used where it is installed, never required.
$(STAMP): requirements.lock pyproject.toml
	@set -e; \
	if [ ! -x $(PY) ]; then \
		python=""; \
		for name in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
			if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python="$$name"; break; fi; \
		done; \
		if [ -z "$$python" ]; then \
			echo "Hindcast needs Python 3.11 or newer, and found none as python3, python3.13, python3.12 or python3.11." >&2; \
			echo "Install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; \
			exit 2; \
		fi; \
		echo "Making $(VENV) with $$($$python --version)"; \
		"$$python" -m venv $(VENV) || { rm -rf $(VENV); echo "Python's venv module is missing: install it (Debian: python3-venv)." >&2; exit 2; }; \
	fi; \
	echo "Installing the locked dependencies"; \
	if command -v uv >/dev/null 2>&1; then \
		uv pip install --quiet --python $(PY) --require-hashes -r requirements.lock; \
		uv pip install --quiet --python $(PY) --no-deps --no-build-isolation -e .; \
	else \
		$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock; \
		$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	fi; \
	touch $(STAMP)
