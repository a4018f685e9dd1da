#!/usr/bin/env bash
# Creates a certificate authority, a server certificate and a client certificate, for tests and docker-compose.yml.
#
#     certificates.sh DIRECTORY
set -euo pipefail
mkdir -p "$1"
cd "$1"

issue() { # NAME SUBJECT EXTENSIONS
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$2" \
        -keyout "$1.key" -out "$1.csr" 2>/dev/null
    openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 \
        -extfile <(printf '%s\n' "$3") -out "$1.crt" 2>/dev/null
    rm "$1.csr"
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
    -subj '/CN=ConfigCat test authority' -keyout ca.key -out ca.crt 2>/dev/null
issue server redis 'subjectAltName=DNS:localhost,DNS:redis-tls,IP:127.0.0.1'
issue client client 'extendedKeyUsage=clientAuth'
rm -f ca.srl
# The server's user in a container has to read the keys, which are for tests only.
chmod 644 ./*.key
