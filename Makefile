# Each target sets up what it needs, inside .venv and nowhere else.
# Keep to what GNU make 3.81 knows: macOS has no newer one.
PYTHON ?= python3
PORT ?= 8501
ARGS ?=
BIN := .venv/bin

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DELETE_ON_ERROR:
.PHONY: help app test lint bench

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /make \1: /p' Makefile

app: .venv/.installed ## Start the app (on another port: make app PORT=8502)
	@$(BIN)/python -c 'import socket, sys; socket.create_server(("", int(sys.argv[1]))).close()' \
		'$(PORT)' 2>/dev/null || { echo "Port $(PORT) cannot be used, perhaps because the app is" \
		"already running there; choose another one: make app PORT=8502" >&2; exit 1; }
	@$(BIN)/streamlit run app.py --server.port $(PORT)

test: .venv/.installed-tests ## Run the tests (some of them: make test ARGS="-k datasets")
	$(BIN)/pytest $(ARGS)

lint: .venv/.installed-tests ## Check style, format, types and who imports whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: .venv/.installed ## Measure training, predicting and starting against the plain way
	$(BIN)/python -m imgcls bench train
	$(BIN)/python -m imgcls bench predict
	$(BIN)/python -m imgcls bench startup

# The interpreter is a real prerequisite: when an upgrade of the system has removed it, the
# environment is made anew.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "imgcls needs Python 3.11 or newer, but $(PYTHON) is" \
		"$$($(PYTHON) --version 2>/dev/null || echo missing); name another one:" \
		"make app PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
		echo "$(PYTHON) lacks what it takes to make an environment;" \
		"on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv --clear .venv || { \
		echo "The folder .venv could not be made: is there permission to write here," \
		"and space on the disk?" >&2; exit 1; }

.venv/.installed: requirements.txt .venv/bin/python
.venv/.installed-tests: tests/requirements.txt .venv/.installed

.venv/.installed .venv/.installed-tests:
	@echo "Installing what $< asks for: the first time, some minutes and 3 GB on the disk."
	@$(BIN)/python -m pip install --requirement $< || { \
		echo "Not everything in $< could be installed: pip says why above (network, space on" \
		"the disk, permission); the same command tries again." >&2; exit 1; }
	@touch $@
