# Banjie: `make` prints what it can do. Needs python3 (3.11 or newer) and make, nothing else.

SHELL := /bin/sh
.DEFAULT_GOAL := help
VENV := .venv
PY := $(VENV)/bin/python
FLASK := $(PY) -m flask --app run
CATALOGUE := translations/zh/LC_MESSAGES/messages
# The first Python that is new enough; `make PYTHON=...` names another.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3.14 python3; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)

# Prints the requirements of the extras named; nothing is built, so there is no package to install.
REQUIREMENTS = import sys, tomllib; \
	project = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
	extras = project["optional-dependencies"]; \
	print("\n".join(project["dependencies"] + [line for name in sys.argv[1:] for line in extras[name]]))

.PHONY: help setup run oauth ldap test lint fix strings bench browser api-fuzz storm runners faults screenshots drill test-sa20 constraints security sbom matrix walk

help: ## print the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.run $(CATALOGUE).mo ## make .venv and compile the translations

run: setup ## serve the demo office on http://127.0.0.1:8080 (BANJIE_HOST, BANJIE_PORT)
	@BANJIE_ENV=demo $(PY) run.py

# The longest modules first, as tests/conftest.py sorts them.
test: $(VENV)/.dev $(CATALOGUE).mo ## run every test but the browser's, on SQLite and PostgreSQL
	$(PY) -m pytest -n 2 --dist loadscope --no-loadscope-reorder $(ARGS)

oauth: $(VENV)/.oauth ## add what BANJIE_AUTH=oauth needs

ldap: $(VENV)/.ldap ## add what BANJIE_AUTH=ldap needs (gcc, libldap-dev and libsasl2-dev must be there)

browser: $(VENV)/.dev $(CATALOGUE).mo ## run the browser tests (needs chromium, poppler-utils, LibreOffice); pictures in build/
	$(PY) -m pytest -n 2 --dist loadscope tests/browser -o addopts='--strict-markers -ra' $(ARGS)

screenshots: $(VENV)/.dev $(CATALOGUE).mo ## renew the pictures of the README (needs Debian's chromium)
	$(PY) docs/screenshots/make.py

storm: $(VENV)/.dev $(CATALOGUE).mo ## 10,000 cases overdue at once, 100,000 open ones; prints what it cost
	BANJIE_STORM=10000 BANJIE_IDLE=100000 $(PY) -m pytest -q -s tests/jobs/test_storm.py $(ARGS)

api-fuzz: $(VENV)/.dev $(CATALOGUE).mo ## schemathesis at the REST interface as every role, all phases (BANJIE_FUZZ: how many each)
	BANJIE_FUZZ=$${BANJIE_FUZZ:-40} $(PY) -m pytest -q -s --show-capture=no --backend sqlite tests/api/test_schemathesis.py $(ARGS)

runners: $(VENV)/.dev $(CATALOGUE).mo ## three runners for two minutes a database, one killed again and again
	BANJIE_RUNNERS=120 $(PY) -m pytest -q -s tests/faults/test_runners.py -o addopts='--strict-markers -ra' $(ARGS)

# One after another: each fault has the machine to itself, and its clients take what there is of it.
faults: $(VENV)/.dev $(CATALOGUE).mo ## kills, restarts, fail-over, races: nothing may be lost (an hour; BANJIE_FAULTS_SHARE=5 for a fifth)
	$(PY) -m pytest -q tests/faults -o addopts='--strict-markers -ra' $(ARGS)

drill: setup ## back up the office, restore it into a folder of its own, compare, remove it (SQLite)
	@set -e; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	$(FLASK) backup create "$$folder/drill.zip" || [ $$? -eq 3 ]; \
	key="$${BANJIE_DATA_KEY_FILE:-$${BANJIE_INSTANCE_DIR:-instance}/$${BANJIE_ENV:-demo}-data-key}"; \
	BANJIE_DATABASE_URL= BANJIE_ANCHOR_DIR= BANJIE_INSTANCE_DIR="$$folder/office" \
		BANJIE_DATA_KEY_FILE="$$key" $(FLASK) backup restore --yes "$$folder/drill.zip"

lint: $(VENV)/.dev ## check style, types and layers
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports --no-cache
	@$(MAKE) -s security

security: $(VENV)/.dev ## look for the commonest holes; the project's own rules stand in tests/guards
	$(PY) -m bandit -q -c pyproject.toml -r app docs/parts.py config.py config_words.py run.py

sbom: $(VENV)/.dev ## renew docs/sbom.cdx.json and docs/licences.md from what is installed
	$(PY) -m docs.parts

matrix: $(VENV)/.dev $(CATALOGUE).mo ## ask every address as every role; renew docs/access-matrix.md
	$(PY) -m tests.walk.matrix

walk: $(VENV)/.dev $(CATALOGUE).mo ## walk with hostile input for minutes (BANJIE_WALK_SEED, BANJIE_WALK_STEPS)
	BANJIE_WALK_STEPS=$${BANJIE_WALK_STEPS:-8000} $(PY) -m pytest -q -s tests/walk/test_walk.py $(ARGS)

fix: $(VENV)/.dev ## repair what a tool can repair
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

strings: $(VENV)/.dev ## collect the texts of the screens; prints those without Chinese
	$(VENV)/bin/pybabel -q extract -F babel.cfg -k _l -k _ -k lazy_gettext --sort-by-file -o translations/messages.pot .
	$(PY) -m pytest -q tests/guards/test_catalogue.py

bench: $(VENV)/.dev ## measure; prints rates and ratios, no verdicts
	@for script in bench/[a-z]*.py; do echo "== $$script"; $(PY) -m "bench.$$(basename $$script .py)" || exit 1; done

test-sa20: .venv-sa20/.dev $(CATALOGUE).mo ## run the tests of tables, actions and reports under SQLAlchemy 2.0
	.venv-sa20/bin/python -m pytest -n 2 --dist loadscope --backend sqlite \
		tests/models tests/actions tests/reports

constraints: $(VENV)/.dev ## write constraints.txt from what is installed
	@{ head -1 constraints.txt; $(PY) -m pip freeze --exclude pip --exclude setuptools; } > build/constraints.txt
	mv build/constraints.txt constraints.txt

# --- what stands behind them: a stamp is renewed when what it depends on has changed ------------

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "需要 Python 3.11 或更高版本"; exit 1; }
	@# Debian may lack ensurepip; its own pip can then fill the environment.
	$(PYTHON) -m venv $(VENV) || { $(PYTHON) -m venv --clear --without-pip $(VENV) \
		&& $(PYTHON) -m pip --python $(VENV)/bin/python install pip; } \
		|| { echo "请先安装 venv：apt install python3-venv"; exit 1; }

$(VENV)/.run: pyproject.toml constraints.txt | $(VENV)/bin/python
	@mkdir -p build
	@$(PY) -c '$(REQUIREMENTS)' > build/requirements.txt
	$(PY) -m pip install -q --disable-pip-version-check -c constraints.txt -r build/requirements.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@$(PY) -c '$(REQUIREMENTS)' test dev > build/requirements-dev.txt
	$(PY) -m pip install -q --disable-pip-version-check -c constraints.txt -r build/requirements-dev.txt
	@touch $@

$(VENV)/.oauth $(VENV)/.ldap: $(VENV)/.run
	@$(PY) -c '$(REQUIREMENTS)' $(patsubst .%,%,$(notdir $@)) > build/requirements-sso.txt
	$(PY) -m pip install -q --disable-pip-version-check -c constraints.txt -r build/requirements-sso.txt
	@touch $@

# The same versions, but SQLAlchemy 2.0, for which the dialects of domestic databases are written.
.venv-sa20/.dev: $(VENV)/.dev
	@sed 's/^SQLAlchemy==.*/SQLAlchemy==2.0.58/' constraints.txt > build/constraints-sa20.txt
	test -x .venv-sa20/bin/python || $(PY) -m venv .venv-sa20
	.venv-sa20/bin/python -m pip install -q --disable-pip-version-check \
		-c build/constraints-sa20.txt -r build/requirements-dev.txt
	@touch $@

$(CATALOGUE).mo: $(CATALOGUE).po | $(VENV)/.run
	@$(VENV)/bin/pybabel -q compile -D messages -d translations -l zh
