#!/usr/bin/env bash
# Fuzzes the targets of Fuzz/, each for some seconds. Inputs that reach new code are saved in Fuzz/.build/corpus, findings
# in Fuzz/.build/findings.
#
#     fuzz.sh SECONDS [TARGET [OPTION_OF_LIBFUZZER…]]
#     fuzz.sh selftest
set -euo pipefail
cd "$(dirname "$0")/.."
targets=(documents configs tables entries urls numbers redis hashes)

usage() {
    echo "fuzz.sh: $1; SECONDS is a whole number of at least 1, TARGET one of ${targets[*]}" >&2
    exit 2
}

# The arguments are checked before the build, which takes minutes. libFuzzer takes 0 seconds as no limit.
[ $# -gt 0 ] || usage "arguments are missing"
[[ $1 == selftest || $1 =~ ^[1-9][0-9]*$ ]] || usage "'$1' is not a number of seconds"
[[ -z ${2:-} || " ${targets[*]} " == *" $2 "* ]] || usage "'$2' is not a target"
swift=${SWIFT:-swift}
work=$PWD/Fuzz/.build
samples=Tests/ConfigCatEvaluationTests/Samples
# libFuzzer reports crashes; the backtracer would take half a minute for each.
export SWIFT_BACKTRACE=enable=no
# Two frames are enough to identify an allocation; more would make each allocation slower.
export ASAN_OPTIONS=malloc_context_size=2

# The manifests enable the sanitizers. A release build runs ten times as many inputs as a debug build.
CONFIGCAT_FUZZ=1 "$swift" build --package-path Fuzz --configuration release --product Fuzz
fuzzer=$work/release/Fuzz

fuzz() {
    local target=$1 seconds=$2
    shift 2
    local corpora=("$work/corpus/$target")
    mkdir -p "$work/corpus/$target" "$work/findings"
    [ -d "Fuzz/Corpus/$target" ] && corpora+=("Fuzz/Corpus/$target")
    case $target in documents | configs) corpora+=("$samples") ;; esac
    # The targets limit each operation to a second. An input has many operations, so its limit is longer.
    FUZZ_TARGET=$target "$fuzzer" "${corpora[@]}" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -malloc_limit_mb=512 -detect_leaks=1 -max_len=4096 -dict=Fuzz/dictionary.txt -print_final_stats=1 \
        -artifact_prefix="$work/findings/$target-" "$@"
}

# Fuzzes until a planted fault is found, and fails if it is not reported as expected.
find_planted() {
    local report=$2 log
    log=$(mktemp)
    rm -rf "$work/corpus/selftest"
    if FUZZ_FAULT=$1 fuzz selftest 300 >"$log" 2>&1 || ! grep -q "$report" "$log"; then
        tail -40 "$log"
        echo "The planted fault '$1' was not reported as '$report'."
        exit 1
    fi
    echo "The planted fault '$1' was found after $(grep -c '^#' "$log") steps: $(grep -m 1 "$report" "$log")"
    rm "$log"
}

if [ "$1" = selftest ]; then
    find_planted property 'Property violated: this fault was planted'
    find_planted address 'AddressSanitizer: heap-use-after-free'
    find_planted leak 'LeakSanitizer: detected memory leaks'
    exit
fi

seconds=$1
shift
if [ $# -gt 0 ] && [ -n "$1" ]; then
    fuzz "$1" "$seconds" "${@:2}"
else
    for target in "${targets[@]}"; do
        printf '\n== %s\n' "$target"
        fuzz "$target" "$seconds"
    done
fi
