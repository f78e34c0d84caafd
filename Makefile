# The two commands to know: `make demo` and `make test`. Each brings what it needs.
.PHONY: help demo test test-full setup bench clean

help:
	@echo 'make demo       a real guest, real faults, recovered while you watch (5 minutes at most)'
	@echo 'make test       type check, lint, unit tests and the tests on a real guest (10 minutes at most)'
	@echo 'make test-full  everything: all faults on all kernels'
	@echo 'make bench      measures and prints the figures of the documentation'
	@echo 'make setup      only brings what the others need'
	@echo 'make clean      removes what was built; `rm -r ~/.cache/vexfs-trace` removes kernels and images'

setup:
	@.ci/setup.sh

demo: setup
	@bin/vexfs-trace demo

test: setup
	@.ci/test.sh smoke

test-full: setup
	@.ci/setup.sh kernel 6.12
	@.ci/setup.sh browser
	@.ci/setup.sh postgresql
	@.ci/setup.sh prometheus
	@.ci/setup.sh shells
	@.ci/test.sh full

bench: setup
	@npm run -s bench

clean:
	rm -rf dist node_modules
