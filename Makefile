# SPDX-License-Identifier: GPL-3.0-or-later
# Driftfield: 'make quickstart' shows what it does, 'make test' runs its tests.

SWIFT ?= swift
BUILD = $(SWIFT) build -c release --manifest-cache none
TOOL = .build/release/driftfield
QUICKSTART = results/quickstart
LIBRARIES = pkg-config libfftw3-dev libopenblas-dev libhdf5-dev
PREFIX ?= /usr/local
VENV = .venv-analysis

.PHONY: help quickstart test test-swift test-analysis build libraries lint docs plan bench install \
  commit clean

help:
	@echo 'make quickstart   install what is missing, build, run a small sweep, show its table'
	@echo 'make test         install what is missing, build, run all tests'
	@echo 'make build        build the tool: $(TOOL)'
	@echo 'make bench        measure speed, beside a JAX program where JAX is installed'
	@echo 'make lint         check format and manifest'
	@echo 'make docs         the reference and the documents as a web site'
	@echo 'make install      copy the tool and its shell completions below PREFIX=$(PREFIX)'

quickstart: build
	@if [ -e $(QUICKSTART)/sweep.yaml ]; then \
	  $(TOOL) resume $(QUICKSTART); \
	else \
	  $(TOOL) run lattices/phi4/quickstart.yaml --output $(QUICKSTART); \
	fi
	@echo
	@$(TOOL) table $(QUICKSTART)
	@echo
	@echo 'The data are in $(QUICKSTART); README.md shows how to open them in Python.'

build: libraries commit
	$(BUILD) --product driftfield

# The manifest is read anew where the commit, or whether there are local changes, is not what the last
# build was told: files say which commit wrote them.
commit:
	@now="$$(git rev-parse HEAD 2>/dev/null) $$(git status --porcelain 2>/dev/null | head -c 1)"; \
	if [ "$$now" != "$$(cat .build/commit 2>/dev/null)" ]; then \
	  mkdir -p .build && echo "$$now" >.build/commit && touch Package.swift; \
	fi

# Installs the system libraries that pkg-config does not find, and nothing else.
libraries:
	@if ! command -v $(SWIFT) >/dev/null; then \
	  echo 'Swift 6.1 or later is needed: https://www.swift.org/install' >&2; exit 1; fi
	@if ! pkg-config --exists fftw3 openblas hdf5-serial 2>/dev/null; then \
	  if ! command -v apt-get >/dev/null; then \
	    echo 'please install FFTW, OpenBLAS, serial HDF5 and pkg-config' >&2; exit 1; fi; \
	  if [ "$$(id -u)" = 0 ]; then as_root=; else as_root=sudo; fi; \
	  echo 'installing $(LIBRARIES)'; \
	  $$as_root apt-get update -qq && \
	  $$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	    $(LIBRARIES) >/dev/null; \
	fi

test: test-swift test-analysis

# Tests run in release: numerics are 80 times slower in debug.
test-swift: libraries
	$(SWIFT) build -c release --build-tests --explicit-target-dependency-import-check error
	$(SWIFT) test -c release --skip-build

# The Python reader is tested in its own virtual environment, on a file the tool has just written.
test-analysis: build
	@if python3 -m venv --help >/dev/null 2>&1 && \
	  { [ -x $(VENV)/bin/pip ] || python3 -m venv $(VENV) >/dev/null 2>&1; }; then \
	  $(VENV)/bin/pip install -q -e 'analysis[test]' && \
	  DRIFTFIELD=$(abspath $(TOOL)) $(VENV)/bin/python -m pytest -q analysis/tests; \
	else \
	  rm -rf $(VENV); \
	  echo 'analysis/ was NOT tested: python3 cannot make a virtual environment (python3-venv)'; \
	fi

lint:
	$(SWIFT) format lint --strict --recursive Sources Tests Benchmarks/Sources Package.swift \
	  Benchmarks/Package.swift

# Any warning is an error, such as one about a broken link.
docs: build
	SWIFT=$(SWIFT) Documentation/build

# Every committed sweep file must be readable.
plan: build
	@for file in $$(find lattices -name '*.yaml' | sort); do \
	  $(TOOL) plan --no-timing $$file >/dev/null || exit 1; done

bench: libraries
	Benchmarks/run

install: build
	install -D $(TOOL) $(DESTDIR)$(PREFIX)/bin/driftfield
	mkdir -p $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
	  $(DESTDIR)$(PREFIX)/share/zsh/site-functions \
	  $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	$(TOOL) --generate-completion-script bash \
	  >$(DESTDIR)$(PREFIX)/share/bash-completion/completions/driftfield
	$(TOOL) --generate-completion-script zsh \
	  >$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_driftfield
	$(TOOL) --generate-completion-script fish \
	  >$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/driftfield.fish

clean:
	rm -rf .build $(VENV)
