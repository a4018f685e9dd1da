"""Checks a running development server against its OpenAPI document with schemathesis. Arguments: the server's base URL, and the
number of examples of an operation. Prints "passed", or schemathesis' report."""

import os
import subprocess
import sys
import tempfile

# The config of the server has these settings, and its ID is "flags". Without them, hardly any request would find something.
SETTINGS = {
    "newCheckout": [True, False],
    "searchEngine": ["classic", ""],
    "maxUploadMegabytes": [25, 0],
    "discountRate": [0.5, 0],
}

# Requests that keep to the document can still name what does not exist, or a value of another type than the setting's.
CONFIG = """
[generation]
deterministic = true
database = "none"

[checks.positive_data_acceptance]
expected-statuses = ["2xx", 400, 404, 409, 413, 422]
"""

KNOWN = CONFIG + """
[parameters]
id = "flags"
key = "{key}"
"""


def check(url, config, examples, *arguments):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "schemathesis.toml")
        with open(path, "w") as file:
            file.write(config)
        command = [
            sys.executable, "-m", "schemathesis.cli", "--config-file", path, "run", url + "/openapi.json",
            # The stream of events does not end.
            "--exclude-path", "/api/dev/events",
            # A server without a token ignores one. A list that was emptied still exists, and is empty.
            "--exclude-checks", "ignored_auth,use_after_free",
            "--max-examples", str(examples), "--no-color", "--suppress-health-check", "all", "--request-timeout", "30",
            "--continue-on-failure", "--warnings", "off", *arguments,
        ]
        run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder)
    if run.returncode != 0:
        sys.exit(f"schemathesis ended with {run.returncode}:\n{run.stdout}")


def main():
    url, examples = sys.argv[1], int(sys.argv[2])
    check(url, CONFIG, examples)
    for key in SETTINGS:
        check(url, KNOWN.replace("{key}", key), examples, "--include-path-regex", "/overrides/", "--phases", "coverage,fuzzing")
    print("passed")


main()
