# The front door for everyone: `make run` starts the product, `make test` proves it.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
export PORT

.PHONY: run test proofs coverage test-services bench faults check translations install install-dev clean

run: install
	@$(BIN)/python scripts/run.py

test: install-dev
	@$(BIN)/pytest -n 2 -m "not proof" $(ARGS)

proofs: install-dev
	@$(BIN)/pytest -n 2 -m proof $(ARGS)

# Everything once more with its lines and branches counted; see scripts/coverage.py for what has to be complete. Takes twice as
# long as the tests themselves, so .ci/run leaves it out.
coverage: install-dev
	@$(BIN)/pytest -n 2 -m "not proof" --cov --cov-report= $(ARGS)
	@$(BIN)/python scripts/coverage.py

test-services: install-dev
	@$(BIN)/python scripts/services.py $(BIN)/pytest -n 2 $(ARGS)

bench: install-dev
	@$(BIN)/python scripts/services.py $(BIN)/python -m bench $(ARGS)

faults: install-dev
	@$(BIN)/python -m bench.faults $(ARGS)

check: install-dev
	@$(BIN)/python scripts/check.py

translations: install-dev
	@$(BIN)/python scripts/translations.py --write

install:
	@$(PYTHON) scripts/bootstrap.py

install-dev:
	@$(PYTHON) scripts/bootstrap.py --dev

clean:
	rm -rf .venv .node node_modules var
