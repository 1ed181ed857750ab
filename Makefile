# Each target sets up $(VENV) from the pins in requirements/ and nothing else: no root, no service, and no
# network beyond the package install. Another interpreter (3.11 or newer): make test PYTHON=python3.12

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet

.PHONY: demo demo-twenty demo-simulated test test-long coverage check docs bench clean

demo: $(VENV)/dev.stamp ## stage a small pause on this machine and leave its case and report in demo-case
	rm -rf demo-case
	$(BIN)/allstop demo --keep demo-case

demo-twenty: $(VENV)/dev.stamp ## run the demo twenty times beside a busy process; all must come out right within 90 s
	$(BIN)/python -m bench.demo_runs real --runs 20

demo-simulated: $(VENV)/dev.stamp ## simulate a thousand demos: how often each kind of party is found to be what it is
	$(BIN)/python -m bench.demo_runs simulated --runs 1000

test: $(VENV)/dev.stamp ## run the tests
	$(BIN)/python -m pytest -q

test-long: $(VENV)/dev.stamp ## run the tests with many more generated examples
	$(BIN)/python -m pytest -q -p tests.long_profile

coverage: $(VENV)/dev.stamp ## measure the branches of the verifier that its own tests reach; all are wanted
	$(BIN)/python -m coverage run -m pytest -q tests/test_values.py tests/canon tests/keys tests/statement tests/tlog tests/witness tests/case
	$(BIN)/python -m coverage report --show-missing --skip-covered --fail-under=100 --include='src/allstop/errors.py,src/allstop/ids.py,src/allstop/times.py,src/allstop/units.py,src/allstop/canon/*,src/allstop/keys/*,src/allstop/statement/*,src/allstop/tlog/*,src/allstop/witness/*,src/allstop/case/*'

check: $(VENV)/dev.stamp ## format, lint, types, floors, generated docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy --explicit-package-bases docs/build.py docs/pictures.py bench
	MYPYPATH=src:tests $(BIN)/mypy --explicit-package-bases tests
	$(BIN)/lint-imports
	$(BIN)/python docs/build.py --check

docs: $(VENV)/dev.stamp ## write the generated pages again
	$(BIN)/python docs/build.py

bench: $(VENV)/bench.stamp ## measure ratios against stated anchors; FULL=1 for the full sizes
	$(BIN)/python -m bench $(if $(FULL),--full)

clean: ## remove everything that the other targets made
	rm -rf $(VENV) demo-case build dist .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src tests bench docs -name __pycache__ -type d -prune -exec rm -rf {} +

# The requirements of `bench` hold those of `dev`, with the same pins.
$(VENV)/%.stamp: requirements/%.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("allstop needs Python 3.11 or newer; try: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes --requirement $<
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@
