#!/usr/bin/env bash
# Measures fleets on this machine: downloads, bytes, propagation, take-over and faults. Takes about five minutes.
#
#     fleet.sh CONFIGCATCTL
set -euo pipefail
tool=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

title() { printf '\n== %s\n' "$1"; }
redis=(--cache redis-server)
sqlite=(--cache "sqlite://$folder/fleet.db")
files=(--cache "file://$folder/files")

title '12 processes, every 2 s, 20 s, no change'
"$tool" fleet "${redis[@]}" --processes 12
"$tool" fleet "${sqlite[@]}" --processes 12

title '50 processes that start together with an empty cache, and three changes'
for cache in redis sqlite files; do
    declare -n chosen=$cache
    "$tool" fleet "${chosen[@]}" --processes 50 --duration 16 --change 4 --change 8 --change 12
done

title 'The same with a config of 20 kB'
"$tool" fleet "${redis[@]}" --processes 50 --size 20000 --duration 16 --change 4 --change 8 --change 12

title 'The holder of the lease is killed'
"$tool" fleet "${redis[@]}" --processes 12 --duration 15 --fault holder-kill@2

title 'Redis is down for 30 s'
"$tool" fleet "${redis[@]}" --processes 12 --duration 45 --change 20 --fault cache-kill@5+30

title 'All faults of Redis, one after the other'
"$tool" fleet "${redis[@]}" --processes 12 --interval 1 --duration 50 --change 3 --change 13 --change 23 --change 33 \
    --change 43 --fault cache-stop@2+4 --fault cache-pause@8+4 --fault cache-flush@14 --fault cache-full@18+4 \
    --fault cache-readonly@24+4 --fault cache-cut@30 --fault cdn-down@34+4 --fault cache-kill@40+4

title 'Simulated: 10 to 100,000 processes, every 60 s, 10 minutes'
for count in 10 100 1000 10000 100000; do
    "$tool" fleet --simulate --processes "$count" --interval 60 --duration 600 --change 130
done
