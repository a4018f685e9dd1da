#!/usr/bin/env bash
# Serves the sample config on loopback, and runs three workers that share a cache; one of them downloads. The config is
# edited half way, and all workers get the change. Then evaluations are explained. The demo takes about ten seconds.
#
#     demo.sh [CACHE]    a URL such as redis://127.0.0.1:6379; by default, a temporary SQLite database
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(${SWIFT:-swift} build --show-bin-path)

bold='' plain=''
[[ -t 1 ]] && bold=$'\e[1m' plain=$'\e[0m'
title() { printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }

folder=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$folder"' EXIT
cache=${1:-sqlite://$folder/flags.db}
cp Examples/flags.json "$folder/flags.json"

"$bin/configcatctl" serve --config "$folder/flags.json" --port 0 --ephemeral >"$folder/requests" &
server=$!
for _ in {1..100}; do
    url=$(sed -n 's/^serving .* on \(http[^ ]*\).*/\1/p' "$folder/requests")
    [[ -n $url ]] && break
    sleep 0.05
done

title "A server on $url, and three workers on ${cache%%:*}: one downloads, two only read the cache"
echo "Open $url while the demo runs: the page shows the flags, and overrides them."
# Removes the entry of an earlier demo, which would be shown first.
"$bin/configcatctl" cache clear --cache "$cache" --sdk-key configcat-sdk-1/LIVE_FLAGS_EXAMPLE_001/LIVE_FLAGS_EXAMPLE_001
(
    sleep 4
    title 'The config is edited: everyone gets the new checkout, Hungary a new search, Pro users a lower limit'
    sed -e 's/{"b": false}, "i": "checkout-off"/{"b": true}, "i": "checkout-on"/' \
        -e 's/{"p": 20, "v": {"b": true}/{"p": 100, "v": {"b": true}/; s/{"p": 80, "v": {"b": false}/{"p": 0, "v": {"b": false}/' \
        -e 's/"vector"/"neural"/; s/{"i": 500}/{"i": 250}/' Examples/flags.json >"$folder/edited"
    mv "$folder/edited" "$folder/flags.json"
) &
"$bin/ConfigCatLiveFlags" "$cache" 8 &
"$bin/ConfigCatLiveFlags" "$cache" 8 &
"$bin/ConfigCatLiveFlags" "$cache" 8 "$url"
wait %3 %4

title 'Requests to the CDN'
grep -c ' 304 ' "$folder/requests" | sed 's/$/ requests got status 304: the config had not changed/'
grep -c ' 200 ' "$folder/requests" | sed 's/$/ downloaded the config/'

title "Why Péter gets the new checkout and a discount"
"$bin/configcatctl" evaluate discountRate --explain --config Examples/flags.json \
    --user '{"Identifier": "peter", "Email": "peter@mail.test", "Country": "HU",
             "custom": {"Groups": ["beta"], "AppVersion": "2.4.0", "Plan": "Pro", "Orders": 31}}'

title 'Why a visitor with only an identifier does not get the new checkout'
"$bin/configcatctl" evaluate newCheckout --explain --config Examples/flags.json --user-id visitor-7

title 'All settings for Jane, a member of staff'
"$bin/configcatctl" evaluate --config Examples/flags.json --user-id jane --email jane@example.com
printf '\nThe config is Examples/flags.json. Change it and run `make demo` again.\n'
