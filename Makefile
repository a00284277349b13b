# `make book` and `make test` are all that is needed: the rest is done for you, and only when needed.

PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000
# What pip is to install. The weekly build resolves ranges instead: '--editable .[book,test]'.
INSTALL ?= --requirement requirements.txt

BIN = $(VENV)/bin
SITE = book/_build/html
# One thread each for processes that run side by side.
export OMP_NUM_THREADS = 1

.DEFAULT_GOAL = help
.PHONY: help book test serve lint clean

help:
	@echo "make book    build the book"
	@echo "make serve   build it and show it at http://127.0.0.1:$(PORT)"
	@echo "make test    run all tests"
	@echo "make lint    check style and types"
	@echo "make clean   remove what the others made, but not $(VENV)"

book: $(VENV)/.installed
	@$(BIN)/jupyter-book build book
	@echo "The book is at file://$(CURDIR)/$(SITE)/index.html"

test: $(VENV)/.installed
	$(BIN)/python -m pytest --numprocesses auto --dist loadgroup

serve: book
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory $(SITE) $(PORT)

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf book/_build screenshots .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find book dqn tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11 ..." if sys.version_info < (3, 11) else 0)'
	@# Debian's venv without python3-venv leaves a folder that has a python and no pip: begin anew.
	$(BIN)/python -m pip --version > /dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing into $(VENV); the first time takes some minutes."
	$(BIN)/python -m pip install --quiet $(INSTALL)
	touch $@
