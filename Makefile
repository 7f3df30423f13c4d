# make lab    opens the first notebook in JupyterLab
# make check  runs lint, types, the import contract and the fast tests, in under 3 minutes
# make test   runs everything
# Each installs what it needs into .venv first, and again only when pyproject.toml, constraints.txt
# or this file has changed.

# The first of these that will do.
PYTHON ?= python3.11 python3 python3.12 python3.13
ARGS ?=
NOTEBOOK ?= notebooks/01_explain_a_face.ipynb

VENV := .venv
BIN := $(VENV)/bin
TEST_EXTRAS := app,dask,dev,docs,serve
INPUTS := pyproject.toml constraints.txt Makefile
# Versions are pinned for the Python that they were resolved for.
pins = $(shell $(BIN)/python -c 'import sys; print("-c constraints.txt" * (sys.version_info[:2] == (3, 11)))')
NEWS_OFF := {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}

# A broken link, a missing page or a docstring that does not fit its function stops the build.
build_docs = NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
# Types are checked against the pinned packages alone: newer ones annotate in other ways.
define lint
$(BIN)/lint-imports --no-logo
$(BIN)/ruff check .
$(if $(strip $(pins)),$(BIN)/mypy,@echo "xfera: mypy is left out; types are checked with Python 3.11")
endef
# Each test process computes with one thread, so that two of them do not fight over two cores.
ONE_THREAD := OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
NBVAL := --nbval --nbval-current-env --nbval-kernel-startup-timeout 300 \
    --nbval-sanitize-with nbval_sanitize.cfg
# In the order given: the long files, notebooks and browser tests, come first.
BY_FILE := --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help lab app check test coverage notebooks docs constraints clean

help:
	@echo "make lab    open the first notebook in JupyterLab (ARGS=--no-browser prints the address)"
	@echo "make app    open the application in the browser (ARGS='folder --port 9000' are its options)"
	@echo "make check  lint, types, the import contract and the fast tests, in under 3 minutes"
	@echo "make test   every check: these, all tests, documentation, notebooks, browser if installed"
	@echo "make docs   build the documentation into build/site"
	@echo "make notebooks  run the notebooks and save them with their outputs"
	@echo "make clean  remove the environment and everything that a run left behind"

# The constraints are resolved for 3.11; 3.12 and 3.13 take what the ranges of pyproject.toml allow.
# OpenCV needs two system libraries that wheels lack. What is missing is reported in one line before
# anything is downloaded.
$(BIN)/python:
	@for python in $(PYTHON); do \
	    minor=$$($$python -c 'import sys; print(*sys.version_info[:2], sep=".")' 2>/dev/null); \
	    case "$$minor" in 3.11|3.12|3.13) found=$$python; break;; esac; \
	done; \
	if [ -z "$$found" ]; then \
	    echo "xfera: Python 3.11 is needed (3.12 and 3.13 work too) and none of $(PYTHON) is it; say where it is: make PYTHON=/path/to/python3.11" >&2; \
	    exit 1; \
	fi; \
	if [ "$$minor" != 3.11 ]; then \
	    echo "xfera: Python $$minor takes the newest versions that the ranges allow; 3.11 is what is pinned and tested." >&2; \
	fi; \
	if ! $$found -c 'import ctypes, sys; [ctypes.CDLL(x) for x in ("libGL.so.1", "libgthread-2.0.so.0") if sys.platform == "linux"]' 2>/dev/null; then \
	    echo "xfera: OpenCV needs the system's libGL and GLib; on Debian or Ubuntu: apt-get install libgl1 libglib2.0-0" >&2; \
	    exit 1; \
	fi; \
	if ! $$found -m venv $(VENV); then \
	    rm -rf $(VENV); \
	    echo "xfera: Python's venv module is missing; on Debian or Ubuntu: apt-get install python3-venv" >&2; \
	    exit 1; \
	fi; \
	echo "Installing into $(VENV): some minutes the first time."

$(VENV)/.lab: $(INPUTS) | $(BIN)/python
	$(BIN)/python -m pip install $(pins) -e .
	@mkdir -p $(VENV)/share/jupyter/lab/settings
	@echo '$(NEWS_OFF)' > $(VENV)/share/jupyter/lab/settings/overrides.json
	@touch $@

$(VENV)/.test: $(INPUTS) | $(VENV)/.lab
	$(BIN)/python -m pip install $(pins) -e '.[$(TEST_EXTRAS)]'
	@touch $@

# JupyterLab refuses to run as root without --allow-root; containers often have no other user. It
# listens on the loopback address only, with its token. Trusted notebooks show their saved outputs
# whole.
lab: $(VENV)/.lab
	@$(BIN)/jupyter trust notebooks/*.ipynb >/dev/null
	$(BIN)/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) $(ARGS) $(NOTEBOOK)

$(VENV)/.app: $(INPUTS) | $(VENV)/.lab
	$(BIN)/python -m pip install $(pins) -e '.[app]'
	@touch $@

# On the loopback address only; kernels of closed pages end by themselves.
app: $(VENV)/.app
	$(BIN)/xfera app $(ARGS)

check: $(VENV)/.test
	$(lint)
	$(ONE_THREAD) $(BIN)/python -m pytest -q -n 2 -m "not slow and not browser and not notebook" $(ARGS) tests

test: $(VENV)/.test
	$(lint)
	$(build_docs)
	$(ONE_THREAD) $(BIN)/python -m pytest -q -n 2 $(BY_FILE) $(NBVAL) $(ARGS) $(wildcard notebooks) tests

# One process after the other, so slower than make test.
coverage: $(VENV)/.test
	$(BIN)/coverage run -m pytest -q $(NBVAL) $(ARGS) $(wildcard notebooks) tests
	$(BIN)/coverage report

# Their outputs are part of them: run this when what they print has changed.
notebooks: $(VENV)/.test
	$(BIN)/python docs/notebooks.py $(ARGS)

docs: $(VENV)/.test
	$(build_docs)

# Resolves all extras in a fresh environment and writes down the versions.
constraints:
	rm -rf build/resolve && $(firstword $(PYTHON)) -m venv build/resolve
	build/resolve/bin/python -m pip install torch==2.13.0 -e '.[$(TEST_EXTRAS)]'
	{ sed '/^[^#]/d' constraints.txt; \
	  build/resolve/bin/python -m pip freeze --exclude-editable | sed 's/+cpu$$//'; } > build/constraints.txt
	mv build/constraints.txt constraints.txt

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .import_linter_cache \
	    .mypy_cache .coverage .hypothesis test-artefacts
	find xfera_nb tests benchmarks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
