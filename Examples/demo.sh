#!/usr/bin/env bash
# Evaluates the sample config for three users, and says why each gets what they get.
set -euo pipefail
cd "$(dirname "$0")/.."
ctl=$(swift build --show-bin-path)/configcatctl
config=Examples/flags.json

bold='' plain=''
[[ -t 1 ]] && bold=$'\e[1m' plain=$'\e[0m'
title() { printf '\n%s%s%s\n%s\n' "$bold" "$1" "$plain" "$2"; }
evaluate() { "$ctl" evaluate "$@" --config "$config"; }

jane=(--user '{"Identifier": "jane", "Email": "jane@example.com", "Country": "GB", "custom": {"Orders": 3}}')
peter=(--user '{"Identifier": "peter", "Email": "peter@mail.test", "Country": "HU",
               "custom": {"Groups": ["beta"], "AppVersion": "2.4.0", "Plan": "Pro", "Orders": 31}}')
visitor=(--user-id visitor-7)

title 'Jane, who works here' 'Her e-mail address is targeted by the first rule of newCheckout.'
evaluate "${jane[@]}"
echo
evaluate newCheckout --explain "${jane[@]}"

title 'Péter, a beta tester in Hungary' \
    'A segment and his app version give him the new checkout, which is the prerequisite of his discount.'
evaluate "${peter[@]}"
echo
evaluate discountRate --explain "${peter[@]}"

title 'A visitor of whom only an id is known' 'No rule applies; a percentage option decides by a hash of the id.'
evaluate "${visitor[@]}"
echo
evaluate newCheckout --explain "${visitor[@]}"

printf '\nThe config is %s. Change it and run `make demo` again, or check it: %s validate %s\n' \
    "$config" "${ctl#"$PWD/"}" "$config"
