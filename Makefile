# The commands of the project. Each sets up what it needs, inside this folder.
# ENV: an environment, by its file in environments/ (default: dev). TARGET: emulator (default) or aws.
# ARGS: further options, where a command has some.
# STACK: the one stack to work on, like vpr-async; all of an environment's if left out.
# PLAN: the JSON that make review reads.
# KEEP: yes lets the emulator's data outlive it, for the next make up; make down KEEP=no deletes what was saved.
# TERRAFORM: the program that runs the stacks, terraform (default) or tofu: docs/runbooks/opentofu.md.
# LOCK_TIMEOUT: how long to wait for a locked state, like 5m. LOCK_ID: the lock that make unlock removes.

ENV ?= dev
TARGET ?= emulator
export ENV TARGET
# What another program set for its own Python would change what the commands load, compile or print. Every file is UTF-8.
unexport $(filter PYTHON%,$(.VARIABLES))
export PYTHONUTF8 := 1

override PYTHON := .venv/bin/python
override OPS := @$(PYTHON) -m ops
override SET_UP = @python=$$(scripts/prerequisites.sh) && "$$python" -S -m ops.setup $@
# For what says nothing for a while: its time in the help, before.
override TIME = awk -F ':.*\#\# ' '$$1 == "$@" && split($$2, part, " [|] ") > 1 { print "make $@: " part[2] }' $(firstword $(MAKEFILE_LIST)) >&2
override TIMED = @$(TIME); $(PYTHON) -m ops
# No variable of the caller's has a say in what is collected, in asserts, or in how files are read.
PYTEST := env -u PYTEST_ADDOPTS -u PYTEST_PLUGINS $(PYTHON) -m pytest -q
.DEFAULT_GOAL := help

# $(call MEANT,WORD,KNOWN,BEFORE): asks for the known one that a word is close to, if there is one.
NEAREST = $(shell python3 -S -c 'import difflib, sys; print(*difflib.get_close_matches(sys.argv[1], sys.argv[2:], 1))' \
	'$(subst ','\'',$(1))' $(2) 2>/dev/null)
MEANT = $(foreach nearest,$(NEAREST),; did you mean $(3)$(nearest)?)
# Anything else on the command line is a misspelling, with which the command would do what was not meant.
SETTABLE := ARGS AUTO_APPROVE CONFIRM_DATA_LOSS ENV KEEP LOCK_ID LOCK_TIMEOUT MAKEFLAGS PLAN STACK TARGET TERRAFORM
GIVEN := $(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),$(name)))
override UNKNOWN := $(firstword $(filter-out $(SETTABLE) MAKE%,$(GIVEN)))
ifneq ($(UNKNOWN),)
$(error $(UNKNOWN): not known; allowed: $(filter-out MAKEFLAGS,$(SETTABLE)), in capitals, like make plan ENV=prod$(call MEANT,$(UNKNOWN),$(SETTABLE)))
endif
# An unset variable of a script's, as in `make destroy ENV=$E TARGET=aws`, is not meant as the default.
EMPTY := $(foreach name,$(filter ENV TARGET STACK TERRAFORM,$(GIVEN)),$(if $(strip $($(name))),,$(name)))
ifneq ($(strip $(EMPTY)),)
$(error $(firstword $(EMPTY)): given, and empty; give it a value, or leave it out for its default)
endif
# So is a word that is no command: `make down prod` would end dev's emulator.
COMMANDS = $(shell sed -n 's/^\([a-z-]*\):.*/\1/p' $(firstword $(MAKEFILE_LIST)))
override UNKNOWN := $(firstword $(filter-out $(COMMANDS),$(MAKECMDGOALS)))
ifneq ($(UNKNOWN),)
$(error $(UNKNOWN): no command; make help lists them, and an environment is named like make plan ENV=prod$(if \
	$(wildcard environments/$(UNKNOWN).toml),,$(call MEANT,$(UNKNOWN),$(COMMANDS),make )))
endif
.PHONY: help setup bootstrap plan review adopt apply unlock up env peek reset down status synth deploy destroy validate verify \
	smoke redrive drift access harden audit sbom tools runtime handlers cli check lint types unit test packages bench lean \
	exits mutate faults fuzz privileges goldens format clean lock lock-provider

help: ## Show this list
	@awk -F ':.*## ' '/^#: / { print "\n" substr($$0, 4) } /^[a-z-]+:.*## / { split($$2, part, " [|] "); \
		line = sprintf("  make %-13s  %-58s  %s", $$1, part[1], part[2]); sub(/ +$$/, "", line); print line }' $(MAKEFILE_LIST)
	@printf '\n%s\n%s\n' \
		'ENV=dev (default) $(strip $(patsubst environments/%.toml,or %,$(filter-out %/dev.toml,$(wildcard environments/*.toml)))); TARGET=emulator (default) or aws; STACK=one stack' \
		'Times are usual ones on the emulator, on two cores; where there is none, a second or two.'

#: Deploy
bootstrap: runtime ## Make the state bucket, or adopt it | about a minute
	$(OPS) bootstrap

plan: runtime ## Synthesize, plan, and show the review of the plan | about 8 s
	$(OPS) plan

apply: runtime ## Apply exactly the plan that make plan wrote | about a minute
	$(OPS) apply

deploy: cli ## Deploy with cdktf's CLI, which plans again | about a minute
	$(OPS) deploy

destroy: runtime ## Destroy the stacks, unless the settings retain data | about 20 s
	$(OPS) destroy

access: runtime ## Write the policies of the roles that deploy and operate
	$(OPS) access $(ARGS)

#: Look
status: runtime ## Show which emulators run
	$(OPS) status

verify: runtime ## Check what is deployed against the requirement
	$(OPS) verify $(ARGS)

drift: runtime ## Show what changed outside Terraform | about 8 s
	$(TIMED) drift $(ARGS)

# ENV counts here only if it was given: another project's plan is not dev's.
review: runtime ## Review any plan: PLAN=plan.json, from terraform show -json
	@$(if $(filter file,$(origin ENV)),env -u ENV) $(PYTHON) -m ops review "$$PLAN" $(ARGS)

#: Handlers
up: handlers ## Deploy to an emulator that stays; print export lines | a minute, then 5 s
	$(OPS) up

smoke: handlers ## Send a marked job through, and remove it again | about 4 s
	$(TIMED) smoke $(ARGS)

env: handlers ## Print the export lines of the running emulator again
	$(OPS) env

peek: handlers ## Show the messages, items and objects: ARGS=--follow
	$(OPS) peek $(ARGS)

reset: handlers ## Empty the queues, tables and buckets of the emulator
	$(OPS) reset

down: handlers ## End the emulator, with all that is deployed to it
	$(OPS) down

#: Repair
adopt: runtime ## Plan to import what exists already | about 8 s
	$(TIMED) adopt

unlock: runtime ## Remove the lock of a killed command from the state
	$(OPS) unlock

redrive: runtime ## Move dead letters back to their queue, ten at most
	$(OPS) redrive $(ARGS)

#: Check
validate: runtime ## Check every name, in the stacks and in the source
	$(OPS) validate $(ARGS)

harden: tools ## Check every stack and saved plan with checkov, offline | about 10 s
	$(TIMED) harden $(ARGS)

audit: tools ## Check the locked packages against advisories | by network
	$(OPS) audit $(ARGS)

sbom: tools ## Write all packages and the provider as CycloneDX JSON | about 3 s
	$(TIMED) sbom

#: Develop
setup: ## Install what every command needs, inside this folder | about a minute
	$(SET_UP)

check: setup ## Format, lint, types and unit tests | about 2 minutes
	@$(TIME)
	@$(MAKE) --no-print-directory --jobs 2 --keep-going --output-sync lint types unit

lint:
	@$(PYTHON) -m ruff format --check --quiet . || { echo 'run: make format' >&2; exit 1; }
	@$(PYTHON) -m ruff check --quiet .

types:
	@node_modules/.bin/pyright --pythonpath $(PYTHON)

unit:
	@$(PYTEST) -m 'not slow'

test: tools check ## All tests: check, the emulator, whole deployments | about 20 minutes
	@$(TIME)
	@$(PYTEST) -n 5 --dist loadgroup --no-loadscope-reorder -m slow

format: setup ## Format the code, and fix what the linter can fix
	@$(PYTHON) -m ruff format --quiet .
	@$(PYTHON) -m ruff check --quiet --fix .

synth: cli ## Synthesize every environment with cdktf's CLI | about 4 s
	$(OPS) synth

lock: setup ## Resolve the dependencies again, into the lock files | by network
	@scripts/lock.sh

lock-provider: ## Lock the provider of every platform, from the registry | by network
	@python=$$(scripts/prerequisites.sh) && "$$python" -S -m ops.setup lock-provider

clean: ## Remove what the commands made, not what setup installed
	@if [ -x $(PYTHON) ]; then $(PYTHON) -m ops clean; fi

# What some commands need, and nothing else: ops/setup.py has what each installs.
runtime:
	$(SET_UP)

handlers:
	$(SET_UP)

cli:
	$(SET_UP)

tools:
	$(SET_UP)

#: Prove, which takes long
packages: setup ## Install each of packages/ by itself, and test it there | minutes
	@$(TIME)
	@$(PYTEST) tests/packages/every.py

lean: setup ## Compare cdktf_lean with stock, on 3 versions of Node | minutes
	@$(TIME)
	@$(PYTEST) tests/lean/matrix.py

exits: setup ## Prove that CDK Terrain and provider 6 make the same | minutes
	@$(TIME)
	@$(PYTHON) -m tests.exits

mutate: setup ## Apply each fault of a list; a test must fail of it | an hour
	@$(TIME)
	@$(PYTHON) -m tests.mutation

faults: setup ## Kill, race and disturb deployments; try to lose data | half an hour
	@$(TIME)
	@$(PYTHON) -m tests.faults
	@$(PYTEST) tests/journeys/adoption/faults.py

privileges: setup ## Prove that each role can, and needs each action | half an hour
	@$(TIME)
	@$(PYTHON) -m tests.privileges
	@$(PYTEST) tests/privileges/handlers.py

fuzz: setup ## Give every reader hostile input: ARGS="--minutes 60" | as given
	@$(PYTHON) -m tests.fuzz $(ARGS)

bench: setup ## Measure beside other tools: docs/performance.md | over an hour
	@$(TIME)
	@$(PYTHON) -m tests.bench $(ARGS)

goldens: setup ## Make the plans of the review's tests again | minutes
	@$(TIME)
	@$(PYTHON) -m tests.review.golden
