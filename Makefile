# make demo: a system to look at. make test: everything that must hold. Both set up what they need.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check format clean

# On a terminal the demo gets Ctrl-C alone (bash -m gives it a process group of its own): make would call it an error.
demo: .venv/.run
	@$(BIN)/framewatch models fetch yolov8n.pt
	@if [ -t 0 ]; then bash -mc '$(BIN)/framewatch demo $(ARGS); exit $$?'; else exec $(BIN)/framewatch demo $(ARGS); fi

test: .venv/.test check

# The one check, for a person, a hook and CI.
check:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist loadfile

format:
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.venv/.run: pyproject.toml
	@scripts/system-packages run
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo 'Installing into .venv: about 6 GB, mostly for CUDA, so some minutes the first time.'
	$(BIN)/python -m pip install --editable .
	@touch $@

.venv/.test: pyproject.toml
	@scripts/system-packages test
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --editable '.[test]'
	@touch $@ .venv/.run

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
