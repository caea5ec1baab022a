# The commands of this project. `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# A uv that runs, or one of our own, made with nothing but python3.
UV := $(shell if uv --version >/dev/null 2>&1; then command -v uv; else echo .local/uv/bin/uv; fi)
export UV
RUN := $(UV) run --locked
# The CDK and its checks are a group of their own, which `make dev` can do without.
CDK := $(UV) run --locked --group cdk

.PHONY: help cdk compose-check delivery-check dev test check lint types imports format tests synth inventory costs bench bench-write rehearsal settings-page fuzz sbom audit

help: ## List the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

$(filter .local/%,$(UV)):
	@python3 -m venv .local/uv && .local/uv/bin/python -m pip install --quiet uv

.PHONY: install
install: $(filter .local/%,$(UV))
	@$(UV) sync --locked --inexact --quiet

# What `make dev` can be told: where to listen, where to keep data, which engine.
PORT ?= 8000
DATA_DIR ?= .local/data
ENGINE ?= ministack
export PORT DATA_DIR ENGINE

dev: install ## Serve on this machine with demo data: PORT=8000 DATA_DIR=.local/data ENGINE=ministack|dynamodb-local
	@$(RUN) brutal-patches dev

test: check ## Install what is needed and run every check: what CI runs
	@echo "All checks passed. Next: make dev, then the curl lines that it prints."

check: lint types imports compose-check delivery-check tests ## All gates: style, types, import rules, docker-compose.yml, workflows, tests with coverage

lint: install
	$(RUN) ruff check
	$(RUN) ruff format --check

types: install
	$(CDK) mypy

imports: install
	$(RUN) lint-imports

# Two processes at once, each with engines of its own: most of a test is waiting for one.
tests: install
	$(CDK) pytest -n 2 --dist worksteal --cov --cov-report=term-missing:skip-covered

compose-check: install ## docker-compose.yml, by the real docker compose, in every profile
	@for profile in default dynamodb-local observability; do \
	    $(RUN) --group compose docker-compose --profile $$profile config --quiet || exit 1; done

delivery-check: install ## The workflows, against their schema and for what makes them unsafe
	@$(RUN) --group delivery check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(RUN) --group delivery check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	@$(RUN) --group delivery zizmor --offline --quiet --no-progress .github

# The CLI is the registry's, at one version; what it does is Python of this repository.
CDK_CLI := 2.1148.1
cdk: install ## The cdk command on a stage: make cdk ARGUMENTS="diff --all -c stage=staging"
	@cd cdk && npx --yes aws-cdk@$(CDK_CLI) $(ARGUMENTS)

costs: install ## The floor of each stage's bill, from its templates
	@$(CDK) python -m cdk.costs

inventory: install ## Write docs/inventory.md from the templates of every stage
	@$(CDK) python -m cdk.inventory

synth: install ## Write every stage's templates to cdk.out/STAGE, checked by cdk-nag; no credentials, no network
	@$(CDK) python -m cdk.app

bench: install ## Reads beside their limits and a peer, at 610 and 100,000 patches; needs wrk. BENCH="--only search" measures some
	@$(RUN) --group bench python -m bench.read $(BENCH)

.PHONY: bench-sheets
bench-sheets: install ## What a sheet costs to draw and to make a picture of, beside references
	@$(RUN) --group bench python -m bench.sheets

.PHONY: gallery
gallery: install ## Draw the pictures of docs/sheets.md, and the icon
	@$(RUN) python -m docs.gallery

.PHONY: accessibility
accessibility: install ## Every page before axe in Chromium (which it needs), in light and dark, on three widths and on paper
	@$(RUN) --group accessibility python -m tests.pages.accessibility

.PHONY: bench-telemetry
bench-telemetry: install ## Throughput with all telemetry beside none, and with a dead collector; needs wrk
	@$(RUN) python -m bench.telemetry

bench-write: install ## What a create and an update cost beside a bare DynamoDB transaction
	@$(RUN) python -m bench.write

.PHONY: faults histories soak
faults: install ## Storage that fails in every way, processes that are killed: the full size of tests/faults, half an hour
	@$(RUN) pytest tests/faults --full --no-cov --timeout 3600 -k "not histories"

rehearsal: install ## Move house from the predecessor's tables, generated: 10,000 patches, 1,000 users; there and back
	@$(RUN) python -m bench.rehearsal

# How much `make fuzz` does, and how long it may take.
CASES ?= 100000
MINUTES ?= 90
SEED ?= 1

fuzz: install ## Requests made up over the whole API, by nobody, a player and an admin: CASES=100000 MINUTES=90 SEED=1
	@$(CDK) python -m tests.security.fuzz --cases $(CASES) --minutes $(MINUTES) --seed $(SEED)

sbom: install ## What the service is made of, as CycloneDX, to stdout
	@$(UV) export --locked --no-dev --format cyclonedx1.5 --quiet

audit: install ## Known vulnerabilities of what the service is made of; without data it says so, and fails
	@$(RUN) python -m tests.security.audit

settings-page: install ## Write docs/settings.md from the settings
	@$(RUN) python -m brutal_patches.cli.settings_page > docs/settings.md

format: install ## Put the code into its standard form
	$(RUN) ruff format
	$(RUN) ruff check --fix

histories: install ## Ten thousand races for names, votes, sessions and edits under faults, judged from storage
	@$(RUN) pytest tests/faults --full --no-cov -k histories

soak: install ## Reads, searches, writes and logins at a steady rate, a login flood, and more than fits: SOAK_SECONDS=120
	@$(RUN) python -m tests.load.soak
