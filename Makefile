# Needs a Python >= 3.10, make and nothing else; `make help` lists the targets.
PYTHON ?= python3
APP    := .venv/bin/python
ENGINE := .venv-engine/bin/python

export RASA_TELEMETRY_ENABLED       := false
export TF_CPP_MIN_LOG_LEVEL         := 3
export SQLALCHEMY_SILENCE_UBER_WARNING := 1
export PYTHONUNBUFFERED             := 1

.DEFAULT_GOAL := help
.PHONY: help run train chat doctor bench nlu-report lint format test test-app test-engine test-deps dev-env spacy-model lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: ## set up what is missing, train when something changed, start everything; Ctrl-C stops
	@$(PYTHON) scripts/environments.py app engine
	@exec $(APP) -m bot run

train: ## train the model if its inputs changed
	@$(PYTHON) scripts/environments.py app engine
	@exec $(APP) -m bot train

chat: ## talk to the bot in the terminal
	@$(PYTHON) scripts/environments.py app engine
	@exec $(APP) -m bot chat

doctor: ## versions, pipeline, ports, model age, and what is missing
	@$(PYTHON) scripts/environments.py app engine
	@exec $(APP) -m bot doctor

bench: dev-env ## measure against stock Rasa
	@exec $(APP) benchmarks/run.py

nlu-report: dev-env ## measure the understanding: benchmarks/nlu/report.md and plots
	@$(ENGINE) -m benchmarks.nlu.report

lint: dev-env ## ruff, mypy, import-linter, rasa data validate
	@$(APP) scripts/lint.py

format: dev-env ## format the Python code
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

# Both suites wait more than they compute, so they run side by side; each one's output is kept together.
test: test-deps lint ## everything, on a fresh clone too
	@$(MAKE) --no-print-directory -j2 --output-sync=target test-engine test-app

test-engine: dev-env
	@$(ENGINE) -m pytest -c tests/engine.ini --rootdir . tests/bot/nlu tests/bot/engine

test-app: dev-env
	@$(APP) -m bot train
	@$(APP) -m pytest

test-deps: ## install the system packages the tests need (apt)
	@$(PYTHON) scripts/system_packages.py

dev-env: test-deps
	@$(PYTHON) scripts/environments.py dev engine-dev

spacy-model: ## try again to obtain the Swedish spaCy pipeline
	@rm -f .venv-engine/.spacy-model.json
	@$(PYTHON) scripts/environments.py engine

lock: ## compile requirements/*.txt from pyproject.toml
	@$(PYTHON) scripts/lock.py

clean: ## remove environments, models and caches (never var/, which holds data)
	rm -rf .venv .venv-engine .venv-uv models .rasa .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
