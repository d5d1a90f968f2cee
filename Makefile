# Tansiq. `make demo` shows it, `make test` tries it, `make help` lists the rest.
# Everything is built below this folder; nothing is installed on the system.

BINARY := $(or $(CARGO_TARGET_DIR),target)/release/tansiq
CARGO  := cargo

# How long each parser is fuzzed, in seconds, and which one (all of them when none is named).
SECONDS ?= 30
TARGET  ?=

.PHONY: help needs build demo test format lint check deny pictures fuzz

help:
	@echo 'make demo      four nodes with a worked example, on this machine; Ctrl-C ends it'
	@echo 'make test      format, lints, every test'
	@echo 'make build     the one binary, $(BINARY)'
	@echo 'make check     format and lints only'
	@echo 'make deny      licences, sources and known faults of dependencies (needs cargo-deny)'
	@echo 'make fuzz      every parser that meets the outside, for SECONDS=30 each (needs cargo-fuzz); TARGET=note for one'
	@echo 'make pictures  the pages in a browser, as pictures (needs Chromium)'

# Says everything that is missing at once, and how to come by it.
needs:
	@missing=0; \
	say() { missing=1; echo "missing: $$1" >&2; }; \
	at_least() { [ "$$(printf '%s\n%s\n' "$$1" "$$2" | sort -t. -k1,1n -k2,2n | head -n 1)" = "$$1" ]; }; \
	if ! command -v cargo >/dev/null 2>&1; then say 'Rust 1.95 or later with cargo; rustup installs it'; \
	else found=$$(rustc --version | cut -d' ' -f2 | cut -d- -f1); \
	  at_least 1.95 "$$found" || say "Rust 1.95 or later; this is $$found, and 'rustup update stable' brings it up to date"; fi; \
	if ! command -v node >/dev/null 2>&1; then say 'Node.js 20 or later, which gathers the fonts, icons and style of the pages'; \
	else found=$$(node --version | tr -d v); \
	  at_least 20.0 "$$found" || say "Node.js 20 or later; this is $$found"; fi; \
	command -v npm >/dev/null 2>&1 || say 'npm, which comes with Node.js'; \
	command -v cc >/dev/null 2>&1 || command -v gcc >/dev/null 2>&1 || command -v clang >/dev/null 2>&1 \
	  || say 'a C compiler, for SQLite and the cryptography (on Debian: build-essential)'; \
	[ $$missing -eq 0 ] || { echo 'install what is missing, then run this again' >&2; exit 1; }

build: needs
	$(CARGO) build --release --locked --package tansiq-node --bin tansiq
	@echo 'built $(BINARY)'

demo: build
	$(BINARY) demo $(ARGS)

format:
	@if $(CARGO) fmt --version >/dev/null 2>&1; then set -x; $(CARGO) fmt --all --check; \
	else echo "SKIPPED the format: rustfmt is not here ('rustup component add rustfmt')"; fi

lint: needs
	@if $(CARGO) clippy --version >/dev/null 2>&1; then set -x; $(CARGO) clippy --workspace --all-targets --locked -- -D warnings; \
	else echo "SKIPPED the lints: clippy is not here ('rustup component add clippy')"; fi

check: needs format lint

# Tests that need what is not here (a browser, python3, the shared folder) say so and pass.
test: needs format lint
	@if $(CARGO) nextest --version >/dev/null 2>&1; then set -ex; \
	  $(CARGO) nextest run --workspace --locked; \
	  $(CARGO) test --workspace --doc --locked; \
	else set -x; $(CARGO) test --workspace --locked; fi

deny:
	@$(CARGO) deny --version >/dev/null 2>&1 || { echo "missing: cargo-deny ('cargo install cargo-deny --locked')" >&2; exit 1; }
	$(CARGO) deny --locked check

# Coverage-guided, on the stable toolchain. What is found lies in target/fuzz/found; an input that breaks a promise goes, once the
# parser is mended, into fuzz/corpus, whose inputs `make test` reads again.
fuzz: needs
	@$(CARGO) fuzz --version >/dev/null 2>&1 || { echo "missing: cargo-fuzz ('cargo install cargo-fuzz --locked')" >&2; exit 1; }
	@for target in $(or $(TARGET),$$(ls fuzz/corpus)); do \
	  mkdir -p target/fuzz/found/$$target; \
	  $(CARGO) fuzz run -s none --target-dir target/fuzz $$target target/fuzz/found/$$target fuzz/corpus/$$target -- \
	    -max_total_time=$(SECONDS) -max_len=8192 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 || exit 1; \
	done

pictures: needs
	$(CARGO) build --locked --package tansiq-node
	cd crates/node/assets/test && npm ci && node walk.mjs '$(CURDIR)/target/debug/tansiq' '$(CURDIR)/target/pictures'
	@echo 'pictures are in target/pictures'
