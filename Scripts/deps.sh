#!/usr/bin/env bash
# Installs what is missing: system packages through apt or brew, and the Python packages of the tests through pip. If
# nothing is missing, it needs no network. `deps.sh build` installs only what building needs.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v swift >/dev/null; then
    echo 'Swift 6.2 or newer is needed: https://www.swift.org/install' >&2
    exit 1
fi

# The SQLite cache needs libsqlite3, the Redis cache libhiredis, and the tests Redis, openssl, Python and a browser. On
# Debian, Swift itself needs the others.
apt_packages=(binutils g++ git libc6-dev libhiredis-dev libsqlite3-dev zlib1g-dev)
apt_browser=()
brew_packages=(hiredis pkgconf sqlite)
if [ "${1:-}" != build ]; then
    apt_packages+=(openssl python3 python3-pip redis-server)
    # Not in all distributions. Without them, the tests of the page are skipped.
    apt_browser=(chromium chromium-driver)
    brew_packages+=(redis)
fi

# install_missing PACKAGE...: installs the Debian packages that are missing.
install_missing() {
    local missing=() sudo=()
    for package; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    ((EUID == 0)) || sudo=(sudo)
    echo "Installing ${missing[*]}"
    "${sudo[@]}" apt-get update -qq &&
        DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq "${missing[@]}" >/dev/null
}

if command -v dpkg-query >/dev/null; then
    install_missing "${apt_packages[@]}"
    install_missing "${apt_browser[@]}" || echo 'The browser could not be installed, so its tests will be skipped.' >&2
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

# Its older versions, which `configcatctl serve` serves, too: 8 is the last one that reads config JSON v5.
for version in 8.0.1 9.0.4; do
    if ! PYTHONPATH=$python-$version python3 -c 'import configcatclient' 2>/dev/null; then
        echo "Installing configcat-client $version for Python"
        PIP_BREAK_SYSTEM_PACKAGES=1 python3 -m pip install --quiet --target "$python-$version" "configcat-client==$version" ||
            echo 'It could not be installed, so the tests with it will be skipped.' >&2
    fi
done

# What the tests of `configcatctl serve` run in Python: OpenFeature's SDK, a browser's driver and a tester of APIs. Each test
# is skipped if its package is missing.
tools=$PWD/.build/python-tools
packages=(openfeature-sdk openfeature-provider-ofrep selenium schemathesis)
if ! PYTHONPATH=$tools python3 -c 'import openfeature.contrib.provider.ofrep, selenium, schemathesis' 2>/dev/null; then
    echo "Installing ${packages[*]} for Python"
    PIP_BREAK_SYSTEM_PACKAGES=1 python3 -m pip install --quiet --upgrade --target "$tools" "${packages[@]}" ||
        echo 'They could not be installed, so the tests that need them will be skipped.' >&2
fi
