# The two commands: `make run` measures this machine, `make test` proves that the program works.
# Both set up what is missing: a software Vulkan adapter where there is no GPU driver.

# With another HOME (containers, CI), rustup and cargo look for their folders in the wrong place.
# They lie beside the proxy that PATH found, so point there unless the user chose otherwise.
CARGO_ROOT := $(patsubst %/bin/cargo,%,$(shell command -v cargo 2>/dev/null))
ifeq ($(wildcard $(HOME)/.rustup/toolchains),)
ifneq ($(wildcard $(CARGO_ROOT)/../.rustup),)
export RUSTUP_HOME ?= $(CARGO_ROOT)/../.rustup
endif
endif
ifeq ($(wildcard $(HOME)/.cargo),)
ifneq ($(wildcard $(CARGO_ROOT)/bin/cargo),)
ifneq ($(filter %/.cargo,$(CARGO_ROOT)),)
export CARGO_HOME ?= $(CARGO_ROOT)
endif
endif
endif

# Without a desktop, Mesa's device-select layer looks for one and complains on stderr.
ifndef XDG_RUNTIME_DIR
export NODEVICE_SELECT ?= 1
endif

.PHONY: run test test-adapters import-clpeak no-op-drivers mutants fuzz lint bench peers compilers compilers-check setup help
ARGS ?=

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

run: setup ## measure this machine (quick profile; ARGS="--profile standard" for more)
	cargo run --release --locked --quiet -- run --out results/local $(ARGS)

test: setup ## all tests, on whatever adapter is here
	@if cargo nextest --version >/dev/null 2>&1; \
	then cargo nextest run --locked; else cargo test --locked --lib --bins --tests; fi
	cargo test --locked --doc

test-adapters: ## the GPU tests on every software adapter that can be had (lavapipe, Mesa 26, SwiftShader)
	scripts/test-adapters.sh

import-clpeak: ## what Debian's clpeak prints on an OpenCL for the CPU, through import
	scripts/import-clpeak.sh

no-op-drivers: ## drivers that execute nothing must give no figure
	scripts/no-op-drivers.sh

mutants: ## damaged files of every kind through the program (ARGS="COUNT [PROFILE]")
	scripts/mutants.sh $(ARGS)

fuzz: ## libFuzzer over what a stranger may send (ARGS="bundle|record|imports [SECONDS]")
	scripts/fuzz.sh $(ARGS)

lint: ## formatting and clippy
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings

bench: setup ## criterion over GPU time and host code
	cargo bench --locked

peers: setup ## our kernels beside burn, ONNX Runtime and numpy on this adapter
	benches/peers/run.sh $(ARGS)

compilers: ## what Mesa's GPU compilers make of every kernel, without a GPU: table and limits
	benches/compilers/run.sh $(ARGS)

compilers-check: ## the same without the table: every candidate compiles, every limit holds
	benches/compilers/run.sh check

setup: ## what the other targets need
	@cargo --version >/dev/null || { echo "no Rust toolchain: install one from https://rustup.rs" >&2; exit 1; }
	@scripts/ensure-adapter.sh
