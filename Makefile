# A thin door: tools/setup installs, Meson builds and tests.
#
# make          build (the program is build/gyre)      make check   all tests; last line: N passed, N failed
# make demo     the whole loop on real data            make bench   Gyre beside its peers
# make fuzz     fuzz every parser for FUZZ_SECONDS     make install PREFIX=/usr/local
# make check-slow   faults at every call, hostile bytes at every byte, threads under the thread sanitizer: half an hour
# make coverage     what no test reaches: out/coverage
SHELL := /bin/bash
MESON := .venv/bin/meson
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 60
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: all setup build demo check check-slow coverage bench fuzz install clean
all: build

setup:
	@tools/setup

build: setup
	@[ -f build/build.ninja ] || $(MESON) setup build >build.log 2>&1 || { cat build.log; exit 1; }
	@rm -f build.log
	@ninja -C build --quiet
	@ln -sf src/cli/gyre build/gyre

demo: build
	@tools/setup demo
	@SEED=$(SEED) SEEDS=$(SEEDS) tools/demo

check: build
	@tools/setup test
	@tools/check

check-slow: build
	@tools/setup test
	@tools/check slow

coverage: setup
	@tools/setup coverage
	@tools/coverage

bench: build
	@tools/setup peers
	@tools/bench $(ONLY)

fuzz: setup
	@tools/fuzz $(FUZZ_SECONDS)

install: build
	@PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) tools/install

clean:
	@rm -rf build build-asan build-tsan build-fuzz build-coverage out
