#!/usr/bin/env bash
# Installs what is missing: system packages through apt or brew, and the Python packages of the tests through pip. If
# nothing is missing, it needs no network. `deps.sh build` installs only what building needs.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v swift >/dev/null; then
    echo 'Swift 6.2 or newer is needed: https://www.swift.org/install' >&2
    exit 1
fi

# The SQLite cache needs libsqlite3, the Redis cache libhiredis, and the tests Redis, openssl and Python. On Debian, Swift
# itself needs the others.
apt_packages=(binutils g++ git libc6-dev libhiredis-dev libsqlite3-dev zlib1g-dev)
brew_packages=(hiredis pkgconf sqlite)
if [ "${1:-}" != build ]; then
    apt_packages+=(openssl python3 python3-pip redis-server)
    brew_packages+=(redis)
fi

if command -v dpkg-query >/dev/null; then
    missing=()
    for package in "${apt_packages[@]}"; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    if ((${#missing[@]})); then
        sudo=()
        ((EUID == 0)) || sudo=(sudo)
        echo "Installing ${missing[*]}"
        "${sudo[@]}" apt-get update -qq
        DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq "${missing[@]}" >/dev/null
    fi
elif command -v brew >/dev/null; then
    for package in "${brew_packages[@]}"; do
        brew list "$package" >/dev/null 2>&1 || brew install "$package"
    done
fi

[ "${1:-}" != build ] || exit 0

# ConfigCat's SDK for Python, with which the tests share caches. Without it, these tests are skipped.
python=$PWD/.build/python-sdk
if ! PYTHONPATH=$python python3 -c 'import configcatclient, redis' 2>/dev/null; then
    echo 'Installing configcat-client and redis for Python'
    # Debian's pip requires this variable even for installing into a folder.
    PIP_BREAK_SYSTEM_PACKAGES=1 python3 -m pip install --quiet --upgrade --target "$python" configcat-client redis ||
        echo 'They could not be installed, so the tests with the Python SDK will be skipped.' >&2
fi

# OpenFeature's SDK for Python with its provider of OFREP, with which the tests ask the server.
tools=$PWD/.build/python-tools
if ! PYTHONPATH=$tools python3 -c 'import openfeature.contrib.provider.ofrep' 2>/dev/null; then
    echo 'Installing openfeature-sdk and openfeature-provider-ofrep for Python'
    PIP_BREAK_SYSTEM_PACKAGES=1 python3 -m pip install --quiet --upgrade --target "$tools" \
        openfeature-sdk openfeature-provider-ofrep ||
        echo 'They could not be installed, so the tests with OpenFeature will be skipped.' >&2
fi
