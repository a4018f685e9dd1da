#!/usr/bin/env bash
# Runs the test suites under ThreadSanitizer and AddressSanitizer, or under one of them. Prints all reports, and fails if
# there are any.
#
#     sanitize.sh [thread|address [OPTION_OF_SWIFT_TEST…]]
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
# The sanitizer reports crashes.
export SWIFT_BACKTRACE=enable=no
export CONFIGCAT_TEST_PATIENCE=10

run() {
    local sanitizer=$1 folder=.build/${1:0:1}san status=0
    shift
    # Processes that tests start also report to these files, so that no test can discard a report.
    local reports=$PWD/$folder/reports
    rm -rf "$reports" && mkdir -p "$reports"
    printf '\n== %s\n' "$sanitizer"
    unset CONFIGCAT_TSAN
    if [ "$sanitizer" = thread ]; then
        export CONFIGCAT_TSAN=1
        # ThreadSanitizer ends a forked process that starts a thread; told not to, it hangs there.
        set -- --skip Fork "$@"
    fi
    export TSAN_OPTIONS="log_path=$reports/report"
    # Swift encodes the pointers of strings and weak references, so LeakSanitizer reports what they point to as leaked.
    # `make fuzz` detects leaks instead, by counting allocations.
    export ASAN_OPTIONS="log_path=$reports/report:detect_leaks=0"
    # The tests run one at a time, because hundreds at once would exceed their time limits.
    "$swift" test --no-parallel --sanitize="$sanitizer" --scratch-path "$folder" "$@" 2>&1 | tee "$folder/output" || status=$?
    if grep -q 'Test run with 0 tests' "$folder/output"; then
        echo "No test was run."
        status=1
    fi
    if [ -n "$(ls "$reports")" ]; then
        cat "$reports"/*
        echo "There are reports of the $sanitizer sanitizer."
        status=1
    fi
    return "$status"
}

case ${1:-all} in
all) run thread && run address ;;
thread | address) run "$@" ;;
*) echo "usage: sanitize.sh [thread|address [OPTION_OF_SWIFT_TEST…]]" >&2 && exit 2 ;;
esac
