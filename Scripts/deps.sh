#!/usr/bin/env bash
# Installs the system packages that are missing, through apt or brew. If none is missing, it needs no network.
set -euo pipefail

if ! command -v swift >/dev/null; then
    echo 'Swift 6.2 or newer is needed: https://www.swift.org/install' >&2
    exit 1
fi

# The SQLite cache needs libsqlite3, the Redis cache libhiredis, and the tests Redis, openssl and Python. On Debian, Swift
# itself needs the others.
apt_packages=(binutils g++ git libc6-dev libhiredis-dev libsqlite3-dev openssl python3 python3-pip redis-server zlib1g-dev)
brew_packages=(hiredis pkgconf redis sqlite)

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
