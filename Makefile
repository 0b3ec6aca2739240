# Every target sets up what it needs: a virtual environment with the versions of requirements.lock.
VENV ?= .venv
PYTHON ?= python3
# Where pip finds PyTorch's CPU build; `make TORCH_INDEX=` takes PyPI's (on Linux: with CUDA).
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
RUN := $(VENV)/bin/python
TORCH ?= 2.13.0
OPTIONS ?=
RESULTS ?=

.PHONY: validate test tables docs lint format lock clean

validate: $(VENV)/installed
	$(RUN) -m validate all $(OPTIONS)

test: $(VENV)/installed
	$(RUN) -m pytest -n auto --dist loadfile $(OPTIONS)

# Tables and picture of README and docs; with RESULTS, a results.json, they are taken from that run.
tables: $(VENV)/installed
	$(RUN) -m reports.tables $(RESULTS)

# The documentation as a site: open build/site/index.html, or serve the folder, which the search needs.
docs: $(VENV)/installed
	NO_MKDOCS_2_WARNING=1 $(RUN) -m mkdocs build --strict

lint: $(VENV)/installed
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m pyright --pythonpath $(RUN)

format: $(VENV)/installed
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .

$(VENV)/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --retries 1 --no-deps \
		$(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) $$(grep '^torch==' requirements.lock)
	$(RUN) -m pip install --quiet -r requirements.lock
	$(RUN) -m pip install --quiet --no-deps --editable .
	touch $@

# Versions that satisfy pyproject.toml today; a local build tag of torch is no part of the pin.
lock: $(VENV)/installed
	$(RUN) -m piptools compile --quiet --upgrade --upgrade-package torch==$(TORCH) --extra dev --strip-extras --no-emit-index-url \
		--no-emit-find-links --output-file requirements.lock pyproject.toml
	sed -i 's/^\(torch==[0-9.]*\)+.*/\1/' requirements.lock

clean:
	rm -rf $(VENV) build reports/out .pytest_cache .ruff_cache .hypothesis *.egg-info
