.DEFAULT_GOAL := help
PYTHON ?= python3
VENV   := .venv
RUN    := $(VENV)/bin/python -m
PYTEST := $(RUN) pytest
# what a module starts is started once; pages and servers come early, so that no worker is left with them
BY_FILE := --dist=loadfile --no-loadscope-reorder
# tests start hundreds of processes, and each would compile pandas anew
unexport PYTHONDONTWRITEBYTECODE
# the shell, which tests/chromium.py prefers, is Debian's; other systems have the whole browser
CHROMIUM := sh .ci/install chromium-headless-shell chromium-headless-shell fonts-noto-cjk 2>/dev/null || sh .ci/install chromium,chromium-browser chromium fonts-noto-cjk
CODE   := geosvc data tests .ci

help:  ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "geosvc needs Python 3.11 or newer; name it: make serve PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/runtime: requirements.txt | $(VENV)/bin/python
	$(RUN) pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/tools: tests/requirements.txt | $(VENV)/bin/python
	$(RUN) pip install --quiet --disable-pip-version-check --require-hashes -r tests/requirements.txt
	@touch $@

serve: $(VENV)/runtime  ## Serve the maps at http://127.0.0.1:8000
	$(RUN) geosvc serve

check: $(VENV)/runtime  ## Read every layer file and every source, and name each fault
	$(RUN) geosvc check

test: $(VENV)/tools  ## Run the tests (about 11 minutes on 2 cores)
	@$(CHROMIUM)
	$(PYTEST) --numprocesses=3 $(BY_FILE)

test-all: $(VENV)/tools  ## Run the tests and the long proofs, and measure what they cover (at most 60 minutes)
	@$(CHROMIUM)
	@sh .ci/install soffice libreoffice-writer-nogui
	HYPOTHESIS_PROFILE=thorough $(PYTEST) --numprocesses=2 $(BY_FILE) --cov --cov-report=term:skip-covered -m "thorough or not thorough"

$(VENV)/peers: tests/bench/requirements.txt | $(VENV)/tools
	$(RUN) pip install --quiet --disable-pip-version-check --require-hashes -r tests/bench/requirements.txt
	@touch $@

bench: $(VENV)/tools $(VENV)/peers  ## Print speeds beside the peers and the stock Folium way (never a test)
	@$(CHROMIUM)
	$(RUN) tests.bench

lint: $(VENV)/tools  ## Check style, types, the direction of imports and vendored files
	$(RUN) ruff format --check $(CODE)
	$(RUN) ruff check $(CODE)
	$(RUN) mypy
	$(VENV)/bin/lint-imports
	$(RUN) mypy .ci/vendor.py
	$(VENV)/bin/python .ci/vendor.py --check

format: $(VENV)/tools  ## Rewrite the code in the house style
	$(RUN) ruff format $(CODE)
	$(RUN) ruff check --fix $(CODE)

sample: $(VENV)/runtime  ## Make the sample county in data/ anew, the same bytes
	$(RUN) data.sample_county

vendor: $(VENV)/tools  ## Fetch the vendored JavaScript, icons and fonts anew
	$(VENV)/bin/python .ci/vendor.py

lock: $(VENV)/tools  ## Pin requirements.txt and tests/requirements.txt anew
	$(RUN) uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate pyproject.toml -o requirements.txt
	$(RUN) uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --group tools -c requirements.txt pyproject.toml -o tests/requirements.txt
	$(RUN) uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --group peers -c tests/requirements.txt pyproject.toml -o tests/bench/requirements.txt

.PHONY: help serve check test test-all bench lint format sample vendor lock
