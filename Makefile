# Every target prepares what it needs by itself. Needs: Python 3.11 or newer with venv, make.
PYTHON ?= python3
BOOTSTRAP := $(PYTHON) tools/bootstrap.py

.DEFAULT_GOAL := help
.PHONY: help run test test-fast check format bench faults assets driver lock clean

help:  ## show this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 14

run:  ## install what is missing, then run Northstar (PORT, DATA_DIR, DEMO_PASSWORD)
	@$(BOOTSTRAP) run

test:  ## everything: SQLite, PostgreSQL with Redis, a real browser
	@$(BOOTSTRAP) dev tools/run_tests.py

test-fast:  ## the tests on SQLite only, without browser and real processes
	@$(BOOTSTRAP) dev tools/run_tests.py --fast

check:  ## lint, format, types, migrations, architecture
	@$(BOOTSTRAP) dev tools/check.py

format:  ## let ruff lay out the code
	@$(BOOTSTRAP) dev -m ruff format .

bench:  ## the benchmarks
	@$(BOOTSTRAP) bench tools/bench.py

faults:  ## the long forms of the fault tests
	@$(BOOTSTRAP) dev tools/run_tests.py --long

driver:  ## install an optional driver (NAME=duckdb, mssql or apprise)
	@$(BOOTSTRAP) driver $(NAME)

assets:  ## rebuild static/vendor
	@$(BOOTSTRAP) assets

lock:  ## compile requirements/*.in into hash-locked requirements/*.txt
	@$(BOOTSTRAP) dev tools/lock.py

clean:  ## remove everything that was built or installed; the data stays
	rm -rf .venv node_modules static/vendor static/collected .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
