#!/bin/sh
# The test tiers. `smoke` (make test): checks, unit tests, the short tests on a real guest. `full` (make test-full):
# also every fault on every kernel that is there. Ends with one line: N passed, N failed, N skipped.
set -u
cd "$(dirname "$0")/.."
tier="${1:-smoke}"
export NO_COLOR=1
status=0
passed=0 failed=0 skipped=0

step() {
	name="$1"
	shift
	start=$(date +%s)
	if "$@" >"$log" 2>&1; then
		passed=$((passed + 1))
		printf 'ok    %-12s %4ds\n' "$name" "$(($(date +%s) - start))"
	else
		status=1
		failed=$((failed + 1))
		cat "$log"
		printf 'FAIL  %-12s %4ds\n' "$name" "$(($(date +%s) - start))"
	fi
}

# Runs vitest with its own output, then adds its numbers to ours.
tests() {
	json="$(mktemp)"
	node_modules/.bin/vitest run "$@" --reporter=default --reporter=json --outputFile.json="$json" || status=1
	eval "$(node -e '
		const r = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
		console.log(`p=${r.numPassedTests} f=${r.numFailedTests + r.numFailedTestSuites * (r.numFailedTests === 0)} s=${r.numPendingTests + r.numTodoTests}`);
		for (const file of r.testResults) for (const t of file.assertionResults)
			if (t.status === "pending" || t.status === "skipped") console.error(`skipped: ${t.fullName}`);
	' "$json" || echo 'p=0 f=1 s=0')"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	rm -f "$json"
}

log="$(mktemp)"
trap 'rm -f "$log"' EXIT
step typecheck npm run -s typecheck
step lint npm run -s lint
step build npm run -s build
# Guests have the machine to themselves.
tests --project unit --maxWorkers=2
if [ "$tier" = full ]; then tests --project guest --project full; else tests --project guest; fi
printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
exit "$status"
