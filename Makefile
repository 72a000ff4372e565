# `make` alone lists the targets.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# Bytecode is kept even where the environment forbids it: the tests start hundreds of Python processes, and pytest rewrites 300 files.
export PYTHONDONTWRITEBYTECODE :=

VENV := .venv
PYTHON := $(VENV)/bin/python
ROOMS := __main__.py components devcluster flux gitops live requirements stacks tests bench
REQUIREMENTS := requirements/dev.txt
INSTALLED := $(VENV)/.installed-$(shell sha256sum $(REQUIREMENTS) pyproject.toml 2>/dev/null | sha256sum | cut -c1-16)

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

$(INSTALLED):
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; python3 is $$(python3 --version). Put a newer python3 first on PATH." >&2; exit 1; }
	@python3 requirements/install.py $(VENV) $(REQUIREMENTS)
	@rm -f $(VENV)/.installed-* && touch $@

.PHONY: setup
setup: $(INSTALLED) ## the virtual environment, and Flux's manifests in the user cache
	@$(PYTHON) -m devcluster build flux-manifests

.PHONY: demo
demo: $(INSTALLED) ## everything: toolchain, cluster, Gitea, `pulumi up` of stack dev, until Flux reports Ready
	@$(PYTHON) -m devcluster up

.PHONY: demo-down
demo-down: $(INSTALLED) ## end the demo: every process and file of it (.venv and the cache stay)
	@$(PYTHON) -m devcluster down

.PHONY: env
env: $(INSTALLED) ## the running demo's environment: eval "$(make -s env)"
	@$(PYTHON) -m devcluster env

.PHONY: check
check: setup ## the fast tier, about a minute: format, lint, types, import contracts, unit tests
	@$(MAKE) --no-print-directory --output-sync=target -j2 lint unit

.PHONY: lint
lint: $(INSTALLED) ## format, lint, import contracts and types
	@$(VENV)/bin/ruff format --check --quiet $(ROOMS)
	@$(VENV)/bin/ruff check --quiet $(ROOMS)
	@$(VENV)/bin/lint-imports --config .importlinter > $(VENV)/lint-imports.log || { cat $(VENV)/lint-imports.log; exit 1; }
	@$(VENV)/bin/mypy $(ROOMS)

.PHONY: unit
unit: setup ## unit and contract tests; no CLI, no cluster (SLOWEST=20: which take longest)
	@$(VENV)/bin/pytest --quiet -n 2 --dist worksteal $(if $(SLOWEST),--durations=$(SLOWEST)) -m "not e2e and not thorough"

.PHONY: thorough
thorough: setup ## long tests that need no cluster: many inputs, many processes, every page of docs/how-to
	@$(VENV)/bin/pytest --quiet -n 2 --dist worksteal $(if $(SLOWEST),--durations=$(SLOWEST)) -m "thorough and not e2e"

.PHONY: fuzz
fuzz: setup ## every reader with damaged inputs, and the figures for docs/security.md; GITOPS_FUZZ_INPUTS=20000 for more than 2,000
	@$(PYTHON) -m tests.fuzz.figures

.PHONY: toolchain
toolchain: $(INSTALLED) ## build what the embedded cluster runs (once: ten minutes, eleven with less than 16 GB of memory)
	@$(PYTHON) -m devcluster build

.PHONY: plugins
plugins: $(INSTALLED) ## install Pulumi's provider plugins with the checksums of requirements/pulumi.sha256
	@$(PYTHON) -m devcluster plugins

.PHONY: pin
pin: $(INSTALLED) ## write the checksums of official binaries, Pulumi's CLI and its plugins (needs internet access)
	@$(PYTHON) -m devcluster pin

.PHONY: test
test: check ## everything: the fast tier, then the long tests and both halves of the end-to-end tests, two at a time
	@$(PYTHON) -m devcluster build --for-tests
	@$(MAKE) --no-print-directory --output-sync=target -j2 end-to-end long-tests

.PHONY: end-to-end
end-to-end: toolchain ## the stack, its secrets and its commands on an embedded cluster of their own
	@$(VENV)/bin/pytest -m e2e --ignore tests/e2e/lifecycle

.PHONY: long-tests
long-tests: toolchain ## thorough and lifecycle, one after the other: what runs beside end-to-end
	@$(MAKE) --no-print-directory thorough
	@$(MAKE) --no-print-directory lifecycle

.PHONY: lifecycle
lifecycle: toolchain ## day two on embedded clusters of its own, from a copy of the clone: end-to-end would see its stack files
	@copy=$$(mktemp -d); trap 'rm -rf "$$copy"' EXIT; \
	git ls-files -z --cached --others --exclude-standard | tar --create --null --files-from - --ignore-failed-read | tar --extract --directory "$$copy"; \
	git init --quiet "$$copy"; \
	ln -s "$(CURDIR)/$(VENV)" "$$copy/$(VENV)"; \
	cd "$$copy" && $(VENV)/bin/pytest -m e2e tests/e2e/lifecycle

.PHONY: soak
soak: toolchain ## three hours: 50 killed runs, every destroyed state and origin, 200 generated repositories, with their figures
	@GITOPS_TEST_KILLS=50 GITOPS_TEST_MATRIX=all $(VENV)/bin/pytest -q -s -m e2e tests/e2e/lifecycle
	@GITOPS_TEST_SEEDS=200 $(VENV)/bin/pytest -q -s -m e2e tests/e2e/test_generated_repositories_agree.py

.PHONY: bench
bench: toolchain ## this program against a bare Pulumi program, kubectl and OpenTofu, side by side (SCALE=10,100,400 ROUNDS=1 FORMER=commit)
	@$(PYTHON) -m bench $(if $(SCALE),--scale $(SCALE)) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(FORMER),--former $(FORMER))

.PHONY: format
format: $(INSTALLED) ## rewrite the code in the project's format
	@$(VENV)/bin/ruff format --quiet $(ROOMS)
	@$(VENV)/bin/ruff check --quiet --fix $(ROOMS)

.PHONY: goldens
goldens: $(INSTALLED) ## rewrite the golden files; read the difference as you would read code
	@$(VENV)/bin/pytest --quiet -m "not e2e" tests/stacks tests/hygiene/test_docs.py tests/hygiene/test_attack_figures.py tests/gitops/adopt/test_adopt_page.py tests/gitops/check/test_trees.py tests/gitops/compare/test_compare_page.py tests/gitops/compare/test_compare_repository.py tests/gitops/compare/test_effects.py tests/gitops/compare/test_kinds_of_change.py tests/gitops/render/test_render_page.py --update-goldens

.PHONY: schema
schema: $(INSTALLED) ## rewrite the JSON Schemas and the reference page from the models
	@$(PYTHON) -m stacks.documents.json_schemas

.PHONY: lock
lock: $(INSTALLED) ## compile requirements/*.txt again from pyproject.toml
	@$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements/run.txt
	@$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --group dev -o requirements/dev.txt
	@cd requirements && for name in go sbom; do ../$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate $$name.in -o $$name.txt; done

.PHONY: sbom
sbom: $(INSTALLED) ## the bill of materials of what `pulumi up` and `gitops` run with: sbom.cdx.json (CycloneDX)
	@$(VENV)/bin/uv venv --quiet --clear $(VENV)/sbom/tool
	@$(VENV)/bin/uv pip install --quiet --python $(VENV)/sbom/tool --require-hashes -r requirements/sbom.txt
	@$(VENV)/bin/uv venv --quiet --clear $(VENV)/sbom/run
	@$(VENV)/bin/uv pip install --quiet --python $(VENV)/sbom/run --require-hashes -r requirements/run.txt
	@$(VENV)/sbom/tool/bin/cyclonedx-py environment $(VENV)/sbom/run --pyproject pyproject.toml --output-reproducible --output-file sbom.cdx.json
	@echo "sbom.cdx.json: $$(grep -c '"purl"' sbom.cdx.json) packages"
