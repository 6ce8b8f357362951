# The two commands and what they need. Every check itself lives in noxfile.py.
BIN := .venv/bin
PYTHON ?= python3
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help demo test lock .venv

help:
	@echo "make demo    four customers' loans, lived through the HTTP API, in about a minute"
	@echo "make test    all that can be checked on this machine"
	@echo "make lock    resolve the dependencies again (UPGRADE=-U for newer releases)"
	@echo "make .venv   install what the above need; they do it by themselves"

.venv: .venv/.installed
.venv/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "LOS needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "This Python has no venv. On Debian: apt-get install python3-venv"; exit 1; }
	@echo "Installing into .venv from requirements.lock: about a minute"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

demo: .venv
	$(BIN)/los demo

test: .venv
	$(BIN)/nox -s lint types imports unit contract journeys docs

lock: .venv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --all-extras --group dev $(UPGRADE) -o requirements.lock pyproject.toml
