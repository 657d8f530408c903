# Each target first prepares what it needs, if that is missing or stale. `make help` lists the targets.

# A Python that the user chose is checked at each run; otherwise one is searched only when needed.
ifneq ($(origin PYTHON),undefined)
CHOSEN := chosen
endif

LOCKS := scripts/requirements.txt layers/dependencies/requirements.txt layers/media/requirements.txt \
         infra/local/requirements.txt infra/local/emulator/requirements.txt
TEST_LOCKS := $(LOCKS) tests/requirements.txt tests/search_fake/requirements.txt
DEPLOY_LOCKS := $(TEST_LOCKS) infra/sam/requirements.txt
LINT_LOCKS := $(DEPLOY_LOCKS) infra/lint/requirements.txt
TEMPLATES := template.yaml $(wildcard infra/*.yaml)
BEGAN := $(shell date +%s)
PREPARE = @sh scripts/python.sh '$(PYTHON)' scripts/prepare.py
DEPLOYMENT = @PYTHON313='$(PYTHON313)' .venv/bin/python -m scripts.deployment
STAGING = --stage '$(STAGE)' --size '$(SIZE)' --egress '$(EGRESS)' --parameters '$(PARAMETERS)' \
          --bucket '$(BUCKET)' --role '$(ROLE)' --dry '$(DRY)' --yes '$(YES)'

# Assembled only where it is asked for, and no other is named.
OPENSEARCH := $(if $(filter opensearch,$(SEARCH)),$(if $(CGRAPH_OPENSEARCH_URL),,.opensearch/.ready))

.PHONY: run test browser proofs lint build diff deploy media-key smoke destroy restore drill sql repair consumers accounts reindex bench docs round-trips architecture cost pr lock clean help chosen opensearch

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: .venv/.ready-run $(OPENSEARCH)  ## [REPLICA=1 SEARCH=opensearch WEB_ORIGINS=http://localhost:5173] run the whole system on this machine, in the foreground
	@exec env $(if $(REPLICA),CGRAPH_REPLICA='$(REPLICA)') $(if $(SEARCH),CGRAPH_SEARCH='$(SEARCH)') \
	    $(if $(WEB_ORIGINS),CGRAPH_WEB_ORIGINS='$(WEB_ORIGINS)') .venv/bin/cgraph run

test: .venv/.ready-test  ## run the tests (as CI does)
	@.venv/bin/python -m pytest tests --numprocesses 3 --durations 15 --durations-min 1; status=$$?; \
	    echo "make $(MAKECMDGOALS): $$(($$(date +%s) - $(BEGAN))) s"; exit $$status

opensearch: .venv/.ready-run .opensearch/.ready  ## assemble an OpenSearch, for SEARCH=opensearch and for the tests (Java 17, Maven)

browser: .venv/.ready-browser  ## install what drives a browser, for the tests with one (see docs/testing.md)

proofs: .venv/.ready-deploy  ## run every proof that docs cites, at full size
	@exec .venv/bin/python -m pytest tests/proofs tests/contract/test_deployment.py tests/contract/test_resource_schemas.py \
	    tests/e2e/test_emulator_deployment.py tests/e2e/test_lifecycle.py tests/feature/search tests/feature/workers tests/feature/notifications tests/load --full

lint: .venv/.ready-lint  ## ruff, mypy, import-linter; sam, cfn-lint, checkov and the IAM check on the templates
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/lint-imports --no-logo
	@.venv/bin/mypy
	@$(MAKE) --no-print-directory .venv-lint/.clean

.venv-lint/.clean: $(TEMPLATES) $(LINT_LOCKS) scripts/lint_infrastructure.py $(wildcard scripts/iam/*.py scripts/iam/*.toml)
	@.venv/bin/python -m scripts.lint_infrastructure
	@touch $@

build: .venv/.ready-deploy  ## build the artifacts for AWS: arm64, Python 3.13, without Docker
	$(DEPLOYMENT) build --dry '$(DRY)'

diff: .venv/.ready-deploy  ## STAGE=…: show what a deployment would change
	$(DEPLOYMENT) diff $(STAGING)

deploy: .venv/.ready-deploy  ## STAGE=… [SIZE=… EGRESS=… PARAMETERS="A=1" YES=1]; DRY=1 shows the plan
	$(DEPLOYMENT) deploy $(STAGING)

smoke: .venv/.ready-test  ## URL=…: test an API with two users and their sockets
	$(DEPLOYMENT) smoke --url '$(URL)' --dry '$(DRY)'

media-key: .venv/.ready-deploy  ## STAGE=… [KEY=second]: make the key that signs URLs of files, and deploy it
	$(DEPLOYMENT) media-key $(STAGING) --key '$(KEY)'

destroy: .venv/.ready-deploy  ## STAGE=…: delete the stage, unless it is protected
	$(DEPLOYMENT) destroy $(STAGING)

restore: .venv/.ready-deploy  ## STAGE=<new> FROM=<stage or snapshot> [AT=… SIZE=…]: a new stage with that data
	$(DEPLOYMENT) restore $(STAGING) --from '$(FROM)' --at '$(AT)'

drill: .venv/.ready-deploy  ## STAGE=…: restore its newest data to a copy, check it, delete the copy
	$(DEPLOYMENT) drill $(STAGING)

sql: .venv/.ready-run  ## STAGE=… SQL="SELECT …" [FILE=… ROWS=100]: read in its database
	$(DEPLOYMENT) sql $(STAGING) --file '$(FILE)' --rows '$(ROWS)'

repair: .venv/.ready-run  ## STAGE=… SQL="UPDATE …" ROWS=1 [FILE=…]: change that many rows
	$(DEPLOYMENT) repair $(STAGING) --file '$(FILE)' --rows '$(ROWS)'

accounts: .venv/.ready-run  ## STAGE=… [DO="approve ada --reason …"]: help with accounts; what changes them is in an audit log
	$(DEPLOYMENT) accounts $(STAGING) --do '$(DO)'
consumers: .venv/.ready-run  ## STAGE=… [DO="rewind search"]: list, rewind or replay the consumers of its log
	$(DEPLOYMENT) consumers $(STAGING) --do '$(DO)'

reindex: .venv/.ready-run  ## STAGE=…: build its index in OpenSearch anew, while it is searched
	$(DEPLOYMENT) reindex $(STAGING)

bench: .venv/.ready-test  ## [ONLY=fan-out,routes FULL=1 REPORT=1 JUDGED=folder] measure speed, flatness and memory, beside a monolith
	@exec env $(if $(JUDGED),CGRAPH_BENCH_JUDGED='$(JUDGED)') .venv/bin/python -m tests.load.bench --only '$(ONLY)' $(if $(FULL),--full) $(if $(REPORT),--report)

docs: .venv/.ready-run  ## write docs/api from the functions (a test fails while it is stale)
	@.venv/bin/python -m cgraph_local.api_documents

round-trips: .venv/.ready-test  ## count what each route costs and write docs/round-trips.md
	@CGRAPH_ROUND_TRIPS="$(or $(ROUTES),all)" exec .venv/bin/python -m pytest tests/proofs/test_round_trips.py -q

architecture: .venv/.ready-test  ## draw the picture of docs/architecture.md from the imports
	@.venv/bin/python -m scripts.draw_architecture

cost: .venv/.ready-run  ## write docs/cost.md from measured usage and dated prices
	@exec .venv/bin/cgraph cost --write

pr: lint test  ## everything that CI runs

lock: .venv/.ready-run  ## pin the newest versions that the .in files allow, with hashes
	@sh scripts/lock.sh

clean:  ## delete the virtual environments (the state in .local stays)
	@rm -rf .venv .venv-emulator .venv-lint .venv-sam .venv-browser .venv-search-fake .opensearch .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

.venv/.ready-run: $(LOCKS) scripts/prepare.py pyproject.toml $(CHOSEN)
	$(PREPARE) run

.venv/.ready-test: $(TEST_LOCKS) scripts/prepare.py pyproject.toml $(CHOSEN)
	$(PREPARE) test

.venv/.ready-deploy: $(DEPLOY_LOCKS) scripts/prepare.py pyproject.toml $(CHOSEN)
	$(PREPARE) deploy

.opensearch/.ready: $(wildcard infra/local/opensearch/*) infra/local/cgraph_local/services/assemble_opensearch.py infra/local/cgraph_local/services/opensearch_files.py | .venv/.ready-run
	@.venv/bin/python -m cgraph_local.services.assemble_opensearch
	@touch $@

.venv/.ready-browser: $(TEST_LOCKS) tests/browser/requirements.txt scripts/prepare.py pyproject.toml $(CHOSEN)
	$(PREPARE) browser

.venv/.ready-lint: $(LINT_LOCKS) scripts/prepare.py pyproject.toml $(CHOSEN)
	$(PREPARE) lint
