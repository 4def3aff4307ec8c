# quixnb: what a checkout can do. Every target makes the environment that it needs in .venv, once.
#
#   make demo    install, run the quickstart notebook against the local sandbox, print its result
#   make lab     the same environment, JupyterLab with quixnb's extension opened on notebooks/
#   make test    every tier of tests that this machine can run; says what it skipped and why
#   make check   format, lint, types, layers
#   make bench   measure quixnb against what else there is (a quarter of an hour), write docs/performance.md
#   make images  take the screenshots under docs/images/ again (needs Chromium); IMAGES=picker or IMAGES=panel for those alone
#   make clean   remove the environments

SHELL := /bin/sh
# Paths are relative throughout, so that a checkout may stand in a folder with blanks in its name.
PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check install --quiet

.PHONY: demo lab test check bench images clean

demo: .venv/.ready-notebooks
	@$(PY) notebooks/run.py notebooks/01-quickstart.ipynb

lab: .venv/.ready-notebooks .venv/.ready-lab .venv/.labextension
	$(PY) -m jupyter lab notebooks/

test: .venv/.ready-dev .venv/.labextension
	@$(PY) tests/environments.py
	@$(PY) tests/run.py

check: .venv/.ready-dev
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	.venv/bin/python -c "from importlinter.cli import lint_imports_command; lint_imports_command()"

# BENCH=--quick for a look that it works; its figures say little.
bench: .venv/.ready-dev
	@$(PY) tests/environments.py
	$(PY) -m tests.bench.run $(BENCH) --to .cache/figures.jsonl
	$(PY) -m tests.bench.table < .cache/figures.jsonl > docs/performance.md

images: .venv/.ready-lab .venv/.ready-dev .venv/.labextension
	PYTHONPATH=. $(PY) docs/images/take.py $(IMAGES)

clean:
	rm -rf .venv .cache js/node_modules js/lib quixnb/labextension

.venv/bin/python:
	@for python in "$${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "Making .venv with $$("$$python" --version)"; exec "$$python" -m venv .venv; \
		fi; \
	done; \
	echo "quixnb needs Python 3.11 or newer; none was found. Name one: make PYTHON=/path/to/python3"; exit 1

# One stamp for each set of extras: a second run finds it and installs nothing.
.venv/.ready-%: pyproject.toml | .venv/bin/python
	@echo "Installing quixnb[$*] into .venv (once)"
	@$(PIP) --editable ".[$*]"
	@touch "$@"

# The JupyterLab extension, linked into the environment so that a new build is there at once. Without Node there is none.
.venv/.labextension: js/package-lock.json $(wildcard js/*.json js/*.mjs js/src/* js/src/*/* js/style/* js/schema/*) | .venv/bin/python
	@if ! command -v npm >/dev/null; then \
		echo "JupyterLab extension: not built, there is no Node; magics, picker and notebooks work without it."; \
	elif echo "Building the JupyterLab extension" && cd js && { cmp -s package-lock.json node_modules/.installed || \
			{ npm ci --silent && cp package-lock.json node_modules/.installed; }; } && npm run --silent build; then \
		mkdir -p ../.venv/share/jupyter/labextensions && touch ../$@ && \
		ln -sfn ../../../../quixnb/labextension ../.venv/share/jupyter/labextensions/quixnb; \
	else \
		echo "JupyterLab extension: not built, npm failed; magics, picker and notebooks work without it."; \
	fi
