# deploybot's two commands are `make demo` and `make test`; both set up .venv first.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
REFERENCE := commands configuration checks metrics
COMPILE := uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --python-version 3.11
.DEFAULT_GOAL := help
.PHONY: help setup demo test kill console format reference docs lock bench clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

setup: .venv/installed ## set up .venv, once

.venv/installed: requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "deploybot needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv || { echo "no venv module: apt-get install python3-venv"; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup ## the bot between a simulated Slack and a simulated Cloud Foundry
	$(BIN)/deploybot demo

test: setup ## every check: format, lint, types, floors, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest

kill: setup ## the tests that kill the bot, with a hundred random kills instead of ten
	DEPLOYBOT_KILLS=100 $(BIN)/pytest tests/e2e/test_kill.py

.PHONY: soak
HOURS ?= 24
MINUTES ?= 27
soak: setup ## a day of the demo in half an hour, faults on: does anything grow, is anything lost? (HOURS, MINUTES, OUT)
	$(BIN)/python -m soak --hours $(HOURS) --minutes $(MINUTES) $(if $(OUT),--out $(OUT))

console: ## build the demo's page anew (needs Node.js)
	cd console && npm ci --no-audit --no-fund && npm run build

format: setup ## put the sources into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.venv/bench: .venv/installed requirements/bench.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements/bench.txt
	@touch $@

reference: setup ## write the pages of docs/reference anew, from the code
	@for page in $(REFERENCE); do \
	  $(BIN)/deploybot reference $$page >docs/reference/$$page.new && mv docs/reference/$$page.new docs/reference/$$page.md || exit 1; \
	done

docs: setup ## build the documentation into site/; a broken link stops it
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "open site/index.html; its search needs a server: $(BIN)/python -m http.server --bind 127.0.0.1 --directory site"

bench: .venv/bench ## measure what fast means here, each figure as a ratio beside its goal
	$(BIN)/python -m bench

.PHONY: fuzz
fuzz: setup ## strange text, pages, payloads and bytes by the thousand (EXAMPLES=5000)
	HYPOTHESIS_PROFILE=fuzz $(BIN)/pytest tests/fuzz

.PHONY: audit sbom
.venv-audit/installed: requirements/audit.txt
	$(PYTHON) -m venv .venv-audit
	.venv-audit/bin/pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements/audit.txt
	@touch $@

.venv-run/installed: requirements/run.txt
	$(PYTHON) -m venv --clear .venv-run
	.venv-run/bin/pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements/run.txt
	@touch $@

audit: .venv-audit/installed ## ask an index of advisories about all that is locked (1: weaknesses, 3: none could be asked)
	@.venv-audit/bin/python -m supply audit

sbom: .venv-audit/installed .venv-run/installed ## list what the bot is made of, with licences, in dist/deploybot.cdx.json
	.venv-audit/bin/python -m supply sbom .venv-run dist/deploybot.cdx.json

lock: ## write the lock files anew (needs uv)
	$(COMPILE) -o requirements/run.txt pyproject.toml
	$(COMPILE) -c requirements/run.txt --extra otel -o requirements/otel.txt pyproject.toml
	$(COMPILE) -c requirements/run.txt --extra otel -o requirements/dev.txt pyproject.toml requirements/dev.in
	$(COMPILE) -c requirements/dev.txt -o requirements/build.txt requirements/build.in
	$(COMPILE) -c requirements/dev.txt -o requirements/bench.txt requirements/bench.in
	$(COMPILE) -c requirements/dev.txt -o requirements/audit.txt requirements/audit.in

clean: ## remove what setup and the checks made
	rm -rf .venv .venv-audit .venv-run .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist site
