#!/usr/bin/env bash
# Checks the YAML files of the repository against their schemas, and runs check-workflows.py.
# Installs check-jsonschema, which includes the schemas, into .build if Python does not have it.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=$PWD/.build/yaml-tools
export PYTHONPATH=$tools${PYTHONPATH:+:$PYTHONPATH}
if ! python3 -c 'import check_jsonschema' 2>/dev/null; then
    echo 'Installing check-jsonschema'
    # Debian's pip requires this variable even for installing into a folder.
    PIP_BREAK_SYSTEM_PACKAGES=1 python3 -m pip install --quiet --target "$tools" check-jsonschema
fi

check() { # SCHEMA FILE…
    echo "$1: ${*:2}"
    python3 -m check_jsonschema --builtin-schema "$1" "${@:2}"
}

forms=()
for form in .github/ISSUE_TEMPLATE/*.yml; do
    [ "${form##*/}" = config.yml ] || forms+=("$form")
done
check vendor.github-workflows .github/workflows/*.yml
check custom.github-workflows-require-timeout .github/workflows/*.yml
check vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
check vendor.github-issue-forms "${forms[@]}"
check vendor.compose-spec docker-compose.yml
python3 Scripts/check-workflows.py
