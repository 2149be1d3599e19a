# Two commands: `make demo` runs the platform, `make test` tests it. Both need only Python 3.11 (with venv) and make.
#
#   make demo PORT=8080            another port               make test ARGS="-k escalation -n 0"   arguments for pytest
#   DATABASE_URL=… make demo       servers of your own: docs/operations.md

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
export PORT

# The environment is made again when the lock's content changes, not when a checkout touches its date.
LOCK_HASH := $(shell sha256sum requirements/dev.txt | cut -c1-16)
ENV_READY := $(VENV)/.lock-$(LOCK_HASH)
NODE_LOCK_HASH := $(shell sha256sum requirements/node.txt | cut -c1-16)

# Node from the PATH where it is new enough, else from a Python wheel in an environment of its own.
ifeq ($(shell command -v npm >/dev/null 2>&1 && node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' 2>/dev/null && echo yes),yes)
NODE_READY :=
NODE_PATH := $(PATH)
else
NODE_READY := .venv-node/.lock-$(NODE_LOCK_HASH)
NODE_PATH := $(CURDIR)/.venv-node/bin:$(PATH)
endif

FRONT_END_SOURCES := static/build.mjs package.json package-lock.json $(shell find static/src -type f 2>/dev/null)

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1	\2/' | expand -t 20

.PHONY: demo
demo: env build ## Run the whole platform with demo data at http://127.0.0.1:8000 (PORT= moves it); Ctrl-C stops it
	@exec $(BIN)/python -m governance.devstack demo

.PHONY: test
test: env build ## Run the tests on real PostgreSQL and Valkey; ARGS="-k words" goes to pytest
	@exec $(BIN)/python -m governance.devstack test $(ARGS)

.PHONY: services
services: env ## Run only PostgreSQL and Valkey, for ./manage.py runserver and an editor's test runner
	@exec $(BIN)/python -m governance.devstack services

.PHONY: clean-data
clean-data: env ## Remove the demo's data
	@$(BIN)/python -m governance.devstack clean-data

.PHONY: handbook
handbook: env ## Take the pictures of the handbook from a running demo (PORT= as for demo)
	@$(BIN)/python docs/handbook_screens.py http://127.0.0.1:$(or $(PORT),8000)

.PHONY: screens
screens: env ## Take a picture of every main page at phone and desk width from a running demo (PORT= as for demo)
	@$(BIN)/python docs/handbook_screens.py --pages http://127.0.0.1:$(or $(PORT),8000)

.PHONY: lighthouse
lighthouse: env $(NODE_READY) ## Measure the worker's and the resident's first load with Lighthouse, from a running demo (PORT= as for demo)
	@PATH="$(NODE_PATH)" $(BIN)/python docs/lighthouse.py http://127.0.0.1:$(or $(PORT),8000)

.PHONY: lint
lint: env ## Run all linters and type checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/python -m governance.devstack run -- $(BIN)/python manage.py makemigrations --check --dry-run

.PHONY: format
format: env ## Format the Python code
	$(BIN)/ruff check --fix --exit-zero .
	$(BIN)/ruff format .

.PHONY: audit
audit: $(ENV_READY) $(NODE_READY) ## Look for known vulnerabilities in the locked libraries
	@PATH="$(NODE_PATH)" $(BIN)/python -m governance.devstack.audit

.PHONY: fuzz
fuzz: env ## Ask every operation of the API for nonsense, hundreds of times (FUZZ_EXAMPLES=300)
	@FUZZ_EXAMPLES=$(or $(FUZZ_EXAMPLES),300) $(BIN)/python -m governance.devstack test tests/api/test_fuzz.py $(ARGS)

.PHONY: env
env: $(ENV_READY) ## Make the Python environment from the lock
	@:

.PHONY: build
build: static/dist/.ready ## Build the front end
	@:

$(ENV_READY):
	@python=; for candidate in "$(PYTHON)" python3.11 python3 /usr/bin/python3.11 /usr/bin/python3; do \
	  if [ -n "$$candidate" ] && "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	  then python=$$candidate; break; fi; done; \
	[ -n "$$python" ] || { echo "Python 3.11 or newer with venv is needed (Debian: apt install python3-venv)." >&2; exit 1; }; \
	echo "Making the Python environment (about a minute, once) …"; \
	"$$python" -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

.venv-node/.lock-$(NODE_LOCK_HASH): $(ENV_READY)
	@echo "Fetching Node (once) …"
	@$(BIN)/python -m venv --clear .venv-node
	@.venv-node/bin/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes -r requirements/node.txt
	@touch $@

node_modules/.ready: package.json package-lock.json .npmrc $(NODE_READY)
	@PATH="$(NODE_PATH)" npm ci --loglevel=error >/dev/null
	@touch $@

static/dist/.ready: node_modules/.ready $(FRONT_END_SOURCES)
	@PATH="$(NODE_PATH)" node static/build.mjs
	@touch $@

.PHONY: lock
lock: env ## Write requirements/*.txt from *.in, keeping versions that still fit; UPGRADE=1 takes the newest
	@$(BIN)/python -m venv --clear var/lock-tool && var/lock-tool/bin/pip install --quiet --quiet uv
	@cd requirements && for name in base dev node; do \
	  ../var/lock-tool/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade) $$name.in -o $$name.txt || exit 1; done
	@rm -rf var/lock-tool
