"""Checks properties of .github and .spi.yml that no schema covers:

- Each command of a workflow is a target of the Makefile, so that a contributor can run all that GitHub runs.
- Each action that is not GitHub's own is pinned to a commit, because a tag can be moved.
- .spi.yml documents exactly the libraries of Package.swift, and does not exceed the Swift Package Index's size limit.
- .devcontainer/devcontainer.json is JSON.
"""

import json
import re
import sys
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent
COMMAND = re.compile(r"make ([a-z-]+)((?: [A-Z]+=\S+)*)")
PINNED = re.compile(r"actions/[a-z-]+@v\d+|[\w.-]+/[\w./-]+@[0-9a-f]{40}")
SPI_LIMIT = 1500


def load(path):
    # Rejects duplicate keys.
    return YAML(typ="safe").load(path.read_text())


def workflow_problems(path, targets):
    for name, job in load(path)["jobs"].items():
        for step in job["steps"]:
            if "run" in step:
                command = COMMAND.fullmatch(step["run"].strip())
                if not command:
                    yield f"{path.name}: {name} runs '{step['run'].strip()}', which is not a make target"
                elif command[1] not in targets:
                    yield f"{path.name}: {name} runs 'make {command[1]}', which the Makefile does not have"
            elif not PINNED.fullmatch(step["uses"]):
                yield f"{path.name}: {name} uses {step['uses']}, which is not pinned to a commit"


def spi_problems(path, manifest):
    # A product that is appended later is not one of the users'.
    libraries = set(re.findall(r'^ +\.library\(name: "(\w+)"', manifest, re.MULTILINE))
    documented = [target for config in load(path)["builder"]["configs"] for target in config["documentation_targets"]]
    if sorted(documented) != sorted(libraries):
        yield f".spi.yml documents {sorted(documented)}, Package.swift has the libraries {sorted(libraries)}"
    if path.stat().st_size > SPI_LIMIT:
        yield f".spi.yml is longer than {SPI_LIMIT} bytes"


def problems():
    targets = set(re.findall(r"^([a-z-]+):(?!=)", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for path in sorted((ROOT / ".github/workflows").glob("*.yml")):
        yield from workflow_problems(path, targets)
    yield from spi_problems(ROOT / ".spi.yml", (ROOT / "Package.swift").read_text())
    json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())


found = list(problems())
for problem in found:
    print(problem, file=sys.stderr)
if found:
    sys.exit(1)
print("Every command of a workflow is a make target.")
