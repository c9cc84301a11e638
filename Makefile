# Needs only make and python3 (3.11 or newer). Every target builds .venv by itself from the locked,
# hashed requirements, and builds it again when they change.

PYTHON ?= python3
ARGS ?=
NAME ?=
# tests wait more than they compute; JOBS=0 runs them in one process
JOBS ?= 4

# Temporal's sandbox loads the workflows anew for every return: without compiled files it would compile them each time.
export PYTHONDONTWRITEBYTECODE :=

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

UV_COMPILE := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --quiet

.DEFAULT_GOAL := help
.PHONY: help demo test verify bench screenshots browser guides check format vendor lock clean

help: ## show this list
	@echo "make TARGET [PYTHON=python3.11] [ARGS=\"...\"]"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-10s %s\n", $$1, $$2 }'

demo: $(STAMP) ## play a set of returns on real parts; ARGS="--exit --report demo.json" ends by itself
	$(BIN)/backhaul demo $(ARGS)

test: $(STAMP) ## run the tests; ARGS="-k R25" picks some
	$(BIN)/pytest -n $(JOBS) --dist loadfile $(ARGS)

verify: $(STAMP) ## the rest of the tests: every way to go wrong in full, all orders of events, lost answers by the hundred
	$(BIN)/pytest -n 3 --dist loadfile -m verify $(ARGS)

bench: $(STAMP) ## 100,000 returns in the store: pages under 300 ms, a month reconciled under 500 MB
	$(BIN)/pytest -p no:xdist -m bench -s $(ARGS)

screenshots: $(STAMP) ## a picture of every page of the console, in build/screenshots; needs Chromium
	BACKHAUL_BROWSER=required $(BIN)/pytest -p no:xdist -m screenshots $(ARGS)

browser: ## install Chromium, which the browser tests drive (Debian, as root)
	@command -v chromium >/dev/null || { apt-get update -q && apt-get install -q -y --no-install-recommends chromium; }

guides: $(STAMP) ## write docs/guides again, from the catalogues and backhaul.example.toml
	$(BIN)/backhaul --config backhaul.example.toml guides --out docs/guides

check: $(STAMP) ## ruff, mypy --strict, the walls between the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(STAMP) ## let ruff put the code in its form
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

vendor: $(STAMP) ## start an adapter for another ERP, with emulator and tests; NAME=acme
	$(BIN)/python -m templates.vendor "$(NAME)"
	$(BIN)/python -m tests.vendors_table

lock: $(STAMP) ## write requirements/*.txt again from pyproject.toml, newest versions that fit
	$(UV_COMPILE) --upgrade --extra build -o requirements/runtime.txt
	$(UV_COMPILE) --upgrade --extra dev -o requirements/dev.txt

clean: ## remove what make and the tools have built
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Backhaul needs Python 3.11 or newer, and '$(PYTHON)' is $$($(PYTHON) --version 2>&1)."; \
		echo "Name another one: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { \
		echo "$(PYTHON) could not make a virtual environment (on Debian: install python3-venv)."; \
		rm -rf $(VENV); exit 1; }
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@
