# The commands of the project. Each sets up what it needs, inside this folder.
# ENV: an environment, by its file in environments/ (default: dev). TARGET: emulator (default) or aws.
# ARGS: further options, where a command has some.
# STACK: the one stack to work on, like vpr-async; all of an environment's if left out.
# PLAN: the JSON that make review reads.
# LOCK_TIMEOUT: how long to wait for a locked state, like 5m. LOCK_ID: the lock that make unlock removes.

ENV ?= dev
TARGET ?= emulator
export ENV TARGET
# What another program set for its own Python would change what the commands load, compile or print. Every file is UTF-8.
unexport $(filter PYTHON%,$(.VARIABLES))
export PYTHONUTF8 := 1

override PYTHON := .venv/bin/python
override OPS := @$(PYTHON) -m ops
# No variable of the caller's has a say in what is collected, in asserts, or in how files are read.
PYTEST := env -u PYTEST_ADDOPTS -u PYTEST_PLUGINS $(PYTHON) -m pytest -q
.DEFAULT_GOAL := help

# Anything else on the command line is a misspelling, with which the command would do what was not meant.
SETTABLE := ARGS AUTO_APPROVE CONFIRM_DATA_LOSS ENV LOCK_ID LOCK_TIMEOUT MAKEFLAGS PLAN STACK TARGET
GIVEN := $(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),$(name)))
ifneq ($(filter-out $(SETTABLE) MAKE%,$(GIVEN)),)
$(error $(firstword $(filter-out $(SETTABLE) MAKE%,$(GIVEN))): not known; allowed: $(filter-out MAKEFLAGS,$(SETTABLE)), in capitals, like make plan ENV=prod)
endif
.PHONY: help setup bootstrap plan review adopt apply unlock up env reset peek down status synth deploy destroy validate verify smoke \
	drift access harden audit sbom tools check lint types unit test packages bench lean mutate faults fuzz privileges goldens format clean lock \
	lock-provider

help: ## Show this list
	@awk -F ':.*## ' '/^#: / { print "\n" substr($$0, 4) } /^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@printf '\n%s\n' 'ENV=dev (default) $(strip $(patsubst environments/%.toml,or %,$(filter-out %/dev.toml,$(wildcard environments/*.toml)))); TARGET=emulator (default) or aws; STACK=vpr-async (default: every stack)'

#: Look
plan: setup ## Synthesize the stack, plan it, and show the review of the plan
	$(OPS) plan

# ENV counts here only if it was given: another project's plan is not dev's.
review: setup ## Review any plan: PLAN=plan.json, as terraform show -json writes it
	@$(if $(filter file,$(origin ENV)),env -u ENV) $(PYTHON) -m ops review "$$PLAN" $(ARGS)

status: setup ## Say which emulators run
	$(OPS) status

verify: setup ## Hold every property of what is deployed against the requirement
	$(OPS) verify $(ARGS)

drift: setup ## Say what changed outside Terraform, and what an apply would do about it
	$(OPS) drift $(ARGS)

#: Change
bootstrap: setup ## Make the state bucket, or adopt it; its own state is kept in it
	$(OPS) bootstrap

apply: setup ## Apply exactly the plan that make plan left (changes what it was made for)
	$(OPS) apply

adopt: setup ## Plan to bring under Terraform what exists already
	$(OPS) adopt

unlock: setup ## Remove the lock that a killed command left on the state
	$(OPS) unlock

up: setup ## Deploy to an emulator that keeps running; prints its `export` lines
	$(OPS) up

smoke: setup ## Send a marked job through what is deployed, and take it away again
	$(OPS) smoke $(ARGS)

env: setup ## Print the `export` lines of the running emulator again, as for a new shell
	$(OPS) env

peek: setup ## Show the messages, items and objects that are there now (ARGS=--follow: and whenever they change)
	$(OPS) peek $(ARGS)

reset: setup ## Empty the queues, tables and buckets on the emulator; the resources stay
	$(OPS) reset

down: setup ## End the environment's emulator and all that was deployed to it
	$(OPS) down

deploy: setup ## Deploy with cdktf's CLI (changes what it deploys to)
	$(OPS) deploy

destroy: setup ## Destroy what is deployed (deletes, unless the settings retain data)
	$(OPS) destroy

#: Check
validate: setup ## Check every name, in JSON synthesized for it and in the source
	$(OPS) validate $(ARGS)

harden: tools ## Have checkov check every stack, synthesized for it, and every plan under plans/
	$(OPS) harden $(ARGS)

audit: tools ## Check every locked package against the published advisories, and audit.toml
	$(OPS) audit $(ARGS)

sbom: tools ## Leave what the project is made of as CycloneDX JSON in sbom/
	$(OPS) sbom

access: setup ## Write the policies of who deploys, and whom their roles trust
	$(OPS) access $(ARGS)

#: Develop
setup: ## Install what the project needs, inside this folder (every command does it when needed)
	@python=$$(scripts/prerequisites.sh) && "$$python" -S -m ops.setup

synth: setup ## Synthesize every environment with cdktf's CLI
	$(OPS) synth

check: setup ## The fast gate: format, lint, types, unit tests
	@$(MAKE) --no-print-directory --jobs 2 --keep-going --output-sync lint types unit

lint:
	@$(PYTHON) -m ruff format --check --quiet . || { echo 'run: make format' >&2; exit 1; }
	@$(PYTHON) -m ruff check --quiet .

types:
	@node_modules/.bin/pyright --pythonpath $(PYTHON)

unit:
	@$(PYTEST) -m 'not slow'

test: tools check ## Everything: the gate, the emulator, Terraform and a whole life on the emulator
	@$(PYTEST) -n 5 --dist loadgroup --no-loadscope-reorder -m slow

format: setup ## Format the code and mend what the linter can
	@$(PYTHON) -m ruff format --quiet .
	@$(PYTHON) -m ruff check --quiet --fix .

lock: setup ## Resolve the dependencies anew (Pipfile -> Pipfile.lock, package.json -> package-lock.json)
	@scripts/lock.sh

lock-provider: ## Ask the registry for the checksums of every platform's provider, for .terraform.lock.hcl
	@python=$$(scripts/prerequisites.sh) && "$$python" -S -m ops.setup lock-provider

clean: ## Remove what the commands made, but not what set-up installed
	@if [ -x $(PYTHON) ]; then $(PYTHON) -m ops clean; fi

tools:
	@python=$$(scripts/prerequisites.sh) && "$$python" -S -m ops.setup tools

#: Prove, which takes long
packages: setup ## Install each of packages/ in an empty environment of its own, and run its tests there (minutes)
	@$(PYTEST) tests/packages/every.py

lean: setup ## Compare what cdktf_lean synthesizes with stock, with two AWS providers and three versions of Node (minutes)
	@$(PYTEST) tests/lean/matrix.py

mutate: setup ## Prove that the tests catch each of the hand-written faults
	@$(PYTHON) -m tests.mutation

privileges: setup ## Prove that who deploys can, and needs each action, and so do the handlers (half an hour)
	@$(PYTHON) -m tests.privileges
	@$(PYTEST) tests/privileges/handlers.py

faults: setup ## Kill, race and disturb deployments, and try every way to lose data (half an hour)
	@$(PYTHON) -m tests.faults
	@$(PYTEST) tests/journeys/adoption/faults.py

fuzz: setup ## Give every reader hostile input: ARGS="--minutes 60", and a reader's name if only one is meant
	@$(PYTHON) -m tests.fuzz $(ARGS)

bench: setup ## Measure this beside stock cdktf, AWS CDK and CDK Terrain, and write docs/performance.md (most of an hour)
	@$(PYTHON) -m tests.bench $(ARGS)

goldens: setup ## Make the plans anew that the review is tested with (minutes)
	@$(PYTHON) -m tests.review.golden
