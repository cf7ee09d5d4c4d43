# Prerequisites: make, and Python 3.11 or newer. Everything else is installed into .venv.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
INSTALL := $(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url

NATIVE := $(wildcard native/CMakeLists.txt native/src/* native/texts/*)
NPM := $(BIN)/python web/npm.py
PAGE := src/coinport/gateway/page/index.html

.PHONY: help setup run test check format docs lock mutants mutants-native compare sanitize fuzz bench clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

setup: .venv/run.stamp $(PAGE) ## install what running needs into .venv, and build the page
	@:

run: setup ## start the demo exchange with its robots (ARGS="--port 9000" is passed on)
	@exec $(BIN)/coinport demo $(ARGS)

test: .venv/dev.stamp $(PAGE) ## run the whole test suite (ARGS="-k depth" is passed on)
	@$(NPM) run --silent test
	@$(BIN)/pytest -n auto --no-loadscope-reorder $(ARGS)

check: .venv/dev.stamp $(PAGE) ## format, lint, types, floors, and whether generated files are fresh
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m coinport.app.reference --check
	$(NPM) run --silent check

format: .venv/dev.stamp $(PAGE) ## format the code and mend what the linter can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(NPM) run --silent format

docs: .venv/run.stamp ## write the generated files anew
	$(BIN)/python -m coinport.app.reference

lock: .venv/uv.stamp ## resolve the dependencies anew into requirements/
	$(COMPILE) --group setup -o requirements/setup.txt
	$(COMPILE) --group node -o requirements/node.txt
	$(COMPILE) pyproject.toml --group build -o requirements/run.txt
	$(COMPILE) pyproject.toml --group dev -c requirements/run.txt -o requirements/dev.txt
	$(NPM) lock

mutants: .venv/dev.stamp ## put deliberate faults into the rules: each must make a test fail
	@$(BIN)/python -m tests.mutants $(ARGS)

mutants-native: .venv/dev.stamp ## the same in the native engine: the comparison must find each
	@$(BIN)/python -m tests.mutants.comparing $(ARGS)

compare: .venv/dev.stamp ## 1,000,000 commands of every kind through both engines
	@COINPORT_STREAM=1000000 $(BIN)/pytest tests/comparison $(ARGS)

sanitize: .venv/dev.stamp ## the engine's suites on a native engine with ASan and UBSan
	@$(BIN)/python -m tests.native_build sanitize -k native $(or $(ARGS),tests/comparison \
		tests/contracts/test_engine_contract.py tests/engine tests/rulebook tests/properties)

FUZZ_SECONDS ?= 600
FUZZER ?= clang++
fuzz: .venv/dev.stamp ## feed the native engine what libFuzzer finds (FUZZ_SECONDS=600, FUZZER=clang++)
	@mkdir -p build/fuzz/corpus
	@$(BIN)/python -m tests.fuzz_seeds build/fuzz/seeds
	@$(FUZZER) -std=c++20 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		$(addprefix -include ,$(filter-out %/module.cpp %/module_texts.cpp, \
			$(wildcard native/src/*.cpp native/texts/*.cpp))) \
		native/fuzz/fuzz.cpp -o build/fuzz/fuzz
	@build/fuzz/fuzz -max_total_time=$(FUZZ_SECONDS) -max_len=8192 -rss_limit_mb=2048 \
		-artifact_prefix=build/fuzz/ build/fuzz/corpus build/fuzz/seeds

bench: setup ## measure this machine (ARGS="http" is passed on)
	@$(BIN)/coinport bench $(ARGS)

clean: ## remove the environment and what tools have cached
	rm -rf .venv web/node_modules $(dir $(PAGE)) .pytest_cache .mypy_cache .ruff_cache \
		.hypothesis .import_linter_cache

.venv/uv.stamp: requirements/setup.txt
	@test -n "$(PYTHON)" || { echo "coinport needs Python 3.11 or newer and found none here." \
		"Install one, or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "coinport needs" \
		"Python 3.11 or newer; $(PYTHON) is not." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make a virtual" \
		"environment. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Installing into .venv (the first time takes a few minutes)..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/run.stamp: .venv/uv.stamp requirements/run.txt pyproject.toml $(NATIVE)
	@$(INSTALL) --require-hashes -r requirements/run.txt
	@$(INSTALL) --no-deps --no-build-isolation --reinstall-package coinport --editable .
	@$(BIN)/python -c 'import coinport.engine._native' 2>/dev/null || echo "No C++20 compiler:" \
		"coinport runs on the engine in Python, which writes the same bytes, but slower."
	@$(BIN)/python -m compileall -q src/coinport
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements/dev.txt
	@$(INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

$(PAGE): .venv/uv.stamp web/package-lock.json $(shell find web/src web/public web/*.* -type f)
	@$(NPM) run --silent build -- --logLevel warn
