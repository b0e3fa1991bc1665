# Two commands do everything from a bare Debian 12 with a Swift toolchain:
#   make chat    build, start a local server, open the terminal chat on it
#   make test    everything that proves the project
.DEFAULT_GOAL := help
SHELL := /bin/bash

.PHONY: cluster-chaos help chat demo test setup peers build release unit interop terminal terminal-bench browser format lint layering numbers pages bench chat-bench autobahn fuzz allocations sanitize screenshots package docs clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

chat: setup ## build, start a local server, open the terminal chat on it
	@scripts/chat.sh

demo: setup ## watch presence, a lost connection and recovery in one terminal
	@swift build -c release --product pond-tui
	@.build/release/pond-tui --demo

test: setup peers unit interop terminal ## everything that proves the project

setup: ## install the system packages the build needs
	@scripts/setup.sh

peers: setup ## install the real PondSocket packages to test against
	@scripts/peers.sh

build: setup ## debug build of everything
	@swift build --build-tests

release: setup ## optimised build of the programs
	@swift build -c release

unit: setup ## the Swift test suites
	@scripts/unit.sh

interop: setup peers ## real PondSocket clients and servers against ours
	@scripts/interop.sh

terminal: setup ## the terminal chat in a real terminal, against a real server
	@scripts/terminal.sh debug

terminal-bench: setup ## what the terminal chat promises of speed and quiet, measured on a quiet machine
	@POND_STRICT=1 scripts/terminal.sh release 11

browser: setup peers ## a real browser against the conformance app
	@scripts/browser.sh

format: ## lay out the sources
	@swift format -i -r --parallel Sources Tests Examples Package.swift

lint: layering numbers pages ## check layout and style
	@swift format lint --strict -r --parallel Sources Tests Examples Package.swift

layering: ## check that no folder imports what it must not know
	@scripts/layering.py

numbers: ## check that no number of a peer can trap
	@scripts/numbers.sh

pages: ## check that what the pages show and name is what there is
	@scripts/pages.py
	@scripts/picture.py --check

bench: release peers ## measure, beside the Python reference where it is comparable
	@scripts/bench.sh

allocations: setup peers ## what a broadcast allocates: nothing for a member
	@scripts/allocations.sh

chat-bench: release peers ## start, memory, and a thousand users of the chat server in one room
	@.build/peers/bin/python scripts/chat_bench.py .build/release/pond-server

autobahn: setup ## the Autobahn suite against our WebSocket server and client
	@scripts/autobahn.sh

fuzz: setup ## libFuzzer on every codec; SECONDS_EACH=60
	@Tests/Fuzz/run.sh all $${SECONDS_EACH:-60}

chaos: setup ## many clients on a network that breaks, seed after seed; RUNS=5
	@scripts/chaos.sh

cluster-chaos: setup ## three nodes, Redis and 300 users while all of it breaks, seed after seed; RUNS=5
	@scripts/cluster_chaos.sh

sanitize: setup ## the Swift test suites under AddressSanitizer and ThreadSanitizer
	@scripts/sanitize.sh

screenshots: release ## pictures for the README, from a real terminal and server
	@scripts/screenshots.py .build/release docs/images

package: setup ## a Debian package of each program in .build/packages
	@scripts/package.sh

docs: setup ## the API documentation as a static site in .build/docs
	@scripts/docs.sh

clean: ## remove everything that was built
	@rm -rf .build .build-*
