# Baopian. `make help` lists what there is. Given before or after `make`: PORT=5000, PYTHON=python3.12,
# DEMO="--findings 100000", TESTS=tests/geo, WORKERS=2 (for all tests), REQUIRE=browser,postgis.

SHELL = /bin/sh
PORT ?= 5000
DEMO ?=
TESTS ?=
WORKERS ?= auto
PY = .venv/bin/python
PIP = $(PY) -m pip install -qq --disable-pip-version-check --require-hashes
UV_LOCK = $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header
CATALOGUE = web/translations/zh/LC_MESSAGES/messages
TEXTS = web/static/texts/zh.json
SCRIPTS := $(shell find web/static/js -name '*.js' 2>/dev/null)
DATABASE = $(if $(INSTANCE),$(INSTANCE),instance)/baopian.sqlite

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench vendor kernels translations lock lock-check format clean
.DELETE_ON_ERROR:

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: setup ## set everything up and serve it with the demo city (PORT=5000)
# A demo that was not loaded to its end is taken away again: the next `make run` starts it afresh.
	@if [ -n "$$DATABASE_URL" ] || [ -e "$(DATABASE)" ]; then .venv/bin/baopian init; else \
	trap : INT; .venv/bin/baopian init --demo $(DEMO) || \
	{ rm -f "$(DATABASE)" "$(DATABASE)-wal" "$(DATABASE)-shm"; exit 1; }; fi
	@exec .venv/bin/baopian serve --port $(PORT)

setup: .venv/.run .venv/bin/baopian $(CATALOGUE).mo vendor kernels ## .venv, locked packages, front-end libraries, texts

test: setup .venv/.dev ## all tests, files side by side; TESTS=tests/geo picks some, REQUIRE=browser,postgis forbids skipping those
	$(PY) -m pytest $(if $(TESTS),,-n $(WORKERS) --dist loadfile) $(TESTS)

check: .venv/.dev ## formatting, lint, types, import contracts, translations
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy .
	$(PY) .venv/bin/lint-imports --no-cache --no-logo
	$(PY) -m tools.translations check

bench: setup .venv/.dev ## the benchmarks, each beside its peer, as ratios
	$(PY) -m benchmarks

vendor: .venv/.run ## front-end libraries from npm, as package-lock.json names them
	@$(PY) -m tools.vendor

kernels: .venv/.run ## compile the loops of assignment and route planning, once for this machine (half a minute)
	@$(PY) -m geo.area_compiled
	@$(PY) -m geo.route_compiled

translations: .venv/.run ## renew the Chinese catalogue from the code and compile it
	$(PY) -m tools.translations extract
	$(PY) -m tools.translations compile

lock: .venv/.dev ## renew the lock files (UPGRADE=1: with newer versions)
	$(UV_LOCK) $(if $(UPGRADE),--upgrade) requirements.in -o requirements.txt
	$(UV_LOCK) $(if $(UPGRADE),--upgrade) -c requirements.txt requirements-dev.in -o requirements-dev.txt
	$(UV_LOCK) $(if $(UPGRADE),--upgrade) requirements-node.in -o requirements-node.txt
	$(PY) -m tools.locks npm

lock-check: .venv/.dev ## do the locks fit their sources, and is there a wheel of each for 3.11 to 3.14 (asks the registry)
	$(PY) -m tools.locks check

format: .venv/.dev ## put the code into its one format, mend what lint can mend
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

clean: ## remove what make made; instance/ (your data) stays
	rm -rf .venv .cache node_modules web/static/vendor web/static/texts $(CATALOGUE).mo
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(PY):
	@PYTHON="$(PYTHON)" sh tools/venv.sh

# Sentinels: a file in .venv says which lock is installed in it.
.venv/.run: requirements.txt | $(PY)
	@echo "Installing the locked packages"
	@$(PIP) -r requirements.txt
	@touch $@

.venv/.dev: requirements-dev.txt | $(PY)
	@echo "Installing the locked packages for development"
	@$(PIP) -r requirements-dev.txt
	@touch $@ .venv/.run

.venv/bin/baopian: tools/baopian | $(PY)
	@cp tools/baopian $@ && chmod +x $@

$(TEXTS): $(CATALOGUE).po tools/translations.py $(SCRIPTS) | .venv/.run
	@$(PY) -m tools.translations compile

$(CATALOGUE).mo: $(TEXTS)
	@test -e $@ || $(PY) -m tools.translations compile
	@touch $@
