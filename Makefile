# Set-up and daily work. Needs GNU make and Python 3.11 or newer, nothing else.

PORT ?= $(or $(PASSAGE_PORT),8000)
export PASSAGE_DATA_DIR ?= data
PYTHONS := $(or $(PYTHON),python3.13 python3.12 python3.11 python3)
BIN := .venv/bin
TOKENS := $(PASSAGE_DATA_DIR)/tokens.json

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench lock

help: ## Say what there is to do
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1 | \2/p' $(firstword $(MAKEFILE_LIST)) | awk -F ' [|] ' '{printf "%-14s %s\n", $$1, $$2}'

setup: .venv/ready ## Make .venv from the hashed lock (again only when the lock has changed)
	@:

run: setup ## Load the Azovstal case, print sign-in tokens and serve on 127.0.0.1 (PORT=8000)
	@echo "==> Bringing the database up to date"
	@$(BIN)/passage migrate
	@echo "==> Loading the Azovstal case and issuing new sign-in tokens"
	@umask 077 && mkdir -p "$(PASSAGE_DATA_DIR)" && $(BIN)/passage demo --tokens "$(TOKENS)"
	@$(BIN)/python tools/show_tokens.py "$(TOKENS)" "$(PORT)"
	@echo "==> Serving; stop with Ctrl-C"
	@exec $(BIN)/passage serve --port "$(PORT)"

test: setup ## Run all tests, in random order (one part: .venv/bin/pytest tests/domain)
	@$(BIN)/pytest -n auto --dist loadgroup

check: setup ## Check format, lint, types and the direction of imports
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: setup ## Measure writes, look-ups of the past and places, as ratios within one run
	@$(BIN)/python -m tests.bench

LOCK = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command "make lock" $(LOCK_OPTIONS)

lock: setup ## Renew both lock files (LOCK_OPTIONS=--upgrade takes the newest releases)
	@$(LOCK) --output-file requirements.lock
	@$(LOCK) --extra dev --constraint requirements.lock --output-file requirements-dev.lock
	@echo "==> Locks renewed. Next: make setup test, then read the difference."

# The stamp holds the path it was made for: a venv does not survive being moved.
ifneq ($(shell test -x $(BIN)/python && cat .venv/ready 2>/dev/null),$(CURDIR))
.PHONY: .venv/ready
endif

.venv/ready: requirements-dev.lock pyproject.toml
	@found=; for candidate in $(PYTHONS); do \
	  if "$$candidate" -c 'import ensurepip, sqlite3, ssl, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	  then found=$$candidate; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "Safe Passage needs Python 3.11 or newer with venv; none of these is: $(PYTHONS)." >&2; \
	  echo "Install one (on Debian and Ubuntu: apt-get install python3 python3-venv)," >&2; \
	  echo "or name yours: make $(or $(MAKECMDGOALS),setup) PYTHON=/path/to/python3" >&2; \
	  exit 1; \
	fi; \
	echo "==> Making .venv with $$("$$found" --version) ($$found)"; \
	rm -rf .venv && "$$found" -m venv .venv
	@echo "==> Installing the locked packages (a minute or two, the first time only)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation --editable .
	@printf '%s\n' "$(CURDIR)" > .venv/ready
	@echo "==> Ready. Next: make run (try it), make test, make check"
