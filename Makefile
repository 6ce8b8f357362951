BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help demo test lock .venv

help:
	@echo "make demo   one customer's whole loan, live, in under a minute"
	@echo "make test   everything that can be checked on this machine"
	@echo "make lock   resolve the dependencies again"

.venv: .venv/.installed
.venv/.installed: requirements.lock pyproject.toml
	@$(or $(PYTHON),python3) -c 'import ensurepip' 2>/dev/null || { echo "This Python has no venv. On Debian: apt-get install python3-venv"; exit 1; }
	$(or $(PYTHON),python3) -m venv --clear .venv
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	touch $@

demo: .venv
	$(BIN)/los demo

test: .venv
	$(BIN)/nox -s lint types imports unit contract journeys docs

lock: .venv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --all-extras --group dev $(UPGRADE) -o requirements.lock pyproject.toml
