# Each target makes all it needs; the second time costs nothing. `make help` lists them.

# A Python named by the person is checked each time; the one found by itself only when needed.
ifneq ($(origin PYTHON),undefined)
CHOSEN := chosen
endif

LOCKS := scripts/requirements.txt layers/dependencies/requirements.txt \
         infra/local/requirements.txt infra/local/emulator/requirements.txt
TEST_LOCKS := $(LOCKS) tests/requirements.txt
DEPLOY_LOCKS := $(TEST_LOCKS) infra/sam/requirements.txt
LINT_LOCKS := $(DEPLOY_LOCKS) infra/lint/requirements.txt
TEMPLATES := template.yaml $(wildcard infra/*.yaml)
BEGAN := $(shell date +%s)
PREPARE = @sh scripts/python.sh '$(PYTHON)' scripts/prepare.py
DEPLOYMENT = @PYTHON313='$(PYTHON313)' .venv/bin/python -m scripts.deployment
STAGING = --stage '$(STAGE)' --size '$(SIZE)' --egress '$(EGRESS)' --parameters '$(PARAMETERS)' \
          --bucket '$(BUCKET)' --role '$(ROLE)' --dry '$(DRY)' --yes '$(YES)'

.PHONY: run test proofs lint build diff deploy smoke destroy bench docs architecture cost pr lock clean help chosen

help:  ## what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: .venv/.ready-run  ## the whole system on this machine, in the foreground
	@exec .venv/bin/cgraph run

test: .venv/.ready-test  ## the tests (README names this one; CI runs it)
	@.venv/bin/python -m pytest tests --numprocesses 2 --durations 15 --durations-min 1; status=$$?; \
	    echo "make $(MAKECMDGOALS): $$(($$(date +%s) - $(BEGAN))) s"; exit $$status

proofs: .venv/.ready-deploy  ## every proof of docs with its full numbers
	@exec .venv/bin/python -m pytest tests/proofs tests/contract/test_deployment.py \
	    tests/e2e/test_emulator_deployment.py tests/load --full

lint: .venv/.ready-lint  ## ruff, mypy, import-linter, and the templates by all who know them
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/lint-imports --no-logo
	@.venv/bin/mypy
	@$(MAKE) --no-print-directory .venv-lint/.clean

.venv-lint/.clean: $(TEMPLATES) $(LINT_LOCKS) scripts/lint_infrastructure.py
	@.venv/bin/python scripts/lint_infrastructure.py
	@touch $@

build: .venv/.ready-deploy  ## what goes to AWS, for arm64 and Python 3.13, without Docker
	$(DEPLOYMENT) build --dry '$(DRY)'

diff: .venv/.ready-deploy  ## STAGE=…: what a deployment would change
	$(DEPLOYMENT) diff $(STAGING)

deploy: .venv/.ready-deploy  ## STAGE=… [SIZE=… EGRESS=… PARAMETERS="A=1" YES=1]; DRY=1 only says
	$(DEPLOYMENT) deploy $(STAGING)

smoke: .venv/.ready-test  ## URL=…: two people talk there
	$(DEPLOYMENT) smoke --url '$(URL)' --dry '$(DRY)'

destroy: .venv/.ready-deploy  ## STAGE=…: all of it goes, unless it is protected
	$(DEPLOYMENT) destroy $(STAGING)

bench: .venv/.ready-test  ## requests a second, percentiles, memory
	@exec .venv/bin/python -m tests.load.bench

docs: .venv/.ready-run  ## docs/api from the functions (a test says when it is stale)
	@.venv/bin/python -m cgraph_local.api_documents

architecture: .venv/.ready-test  ## the picture of docs/architecture.md from the imports (as docs)
	@.venv/bin/python -m scripts.draw_architecture

cost: .venv/.ready-run  ## docs/cost.md from measured usage and dated prices
	@exec .venv/bin/cgraph cost --write

pr: lint test  ## all that CI runs

lock: .venv/.ready-run  ## pick the newest versions the .in files allow, with hashes
	@sh scripts/lock.sh

clean:  ## forget the virtual environments (state in .local stays)
	@rm -rf .venv .venv-emulator .venv-lint .venv-sam .mypy_cache .ruff_cache .pytest_cache

.venv/.ready-run: $(LOCKS) scripts/prepare.py pyproject.toml $(CHOSEN)
	$(PREPARE) run

.venv/.ready-test: $(TEST_LOCKS) scripts/prepare.py pyproject.toml $(CHOSEN)
	$(PREPARE) test

.venv/.ready-deploy: $(DEPLOY_LOCKS) scripts/prepare.py pyproject.toml $(CHOSEN)
	$(PREPARE) deploy

.venv/.ready-lint: $(LINT_LOCKS) scripts/prepare.py pyproject.toml $(CHOSEN)
	$(PREPARE) lint
