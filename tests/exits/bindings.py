"""`python -m tests.exits.bindings`: cdktn's bindings of the project's provider, for the types in use, into `imports/`.

All of them would take cdktn's CLI an hour and 16 GB. Which are in use is read from the imports, so that a new type
needs no list.
"""

import ast
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from config import products
from config.request import PROJECT_ROOT
from ops.progress import step
from ops.setup import PROVIDER_VERSION, provider_directory, terraform_variables
from tests.bench.installed import BenchError, folder_of

PINS = Path(__file__).with_name("pins")
CACHE = PROJECT_ROOT / ".cache" / "exits"
SOURCES = (PROJECT_ROOT / "main.py", PROJECT_ROOT / "constructs_lib", PROJECT_ROOT / "stacks")
PACKAGES = ("cdktf_cdktf_provider_aws", "cdktn_provider_aws", "imports.aws")
"""The names under which the sources import the provider, before and after a move."""
SETTINGS = {
    "language": "python",
    "app": "true",
    "projectId": "exits",
    "sendCrashReports": "false",
    "terraformProviders": [{"name": "aws", "source": "hashicorp/aws", "version": PROVIDER_VERSION}],
    "codeMakerOutput": "imports",
}
TERRAFORM = """#!/bin/sh
case "$*" in
    init) ;;
    "providers schema -json") cat {schema} ;;
    *) exec terraform "$@" ;;
esac
"""
"""What cdktn's CLI takes for Terraform: it answers with the schema of the types in use, and needs no network."""


def modules_in_use(sources: Iterable[Path] = SOURCES) -> set[str]:
    """Return the provider's modules that the sources import, like sqs_queue and provider."""
    files = [file for source in sources for file in ([source] if source.is_file() else sorted(source.rglob("*.py")))]
    found: set[str] = set()
    for node in (node for file in files for node in ast.walk(ast.parse(file.read_text()))):
        if isinstance(node, ast.ImportFrom) and node.module:
            named = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            named = [alias.name for alias in node.names]
        else:
            continue
        found.update(
            name.removeprefix(f"{package}.").split(".")[0]
            for name in named
            for package in PACKAGES
            if name.startswith(f"{package}.")
        )
    return found


def filtered(schema: dict[str, Any], modules: Collection[str]) -> dict[str, Any]:
    """Return the provider's schema with nothing but its settings and the types of the modules.

    Raises BenchError for a module that is no type of the provider.
    """
    whole: dict[str, Any] = schema["provider_schemas"][products.TERRAFORM.provider]
    kept: dict[str, dict[str, Any]] = {
        section: {name: each for name, each in whole[section].items() if f"{prefix}{_module(name)}" in modules}
        for section, prefix in (("resource_schemas", ""), ("data_source_schemas", "data_aws_"))
    }
    made = {_module(name) for name in kept["resource_schemas"]}
    made |= {f"data_aws_{_module(name)}" for name in kept["data_source_schemas"]}
    if unknown := sorted(set(modules) - made - {"provider"}):
        message = f"{', '.join(unknown)}: imported, but no type of provider {PROVIDER_VERSION} makes such a module"
        raise BenchError(message)
    return {**schema, "provider_schemas": {products.TERRAFORM.provider: {"provider": whole["provider"], **kept}}}


def _module(type_: str) -> str:
    return type_.removeprefix("aws_")


def kept_bindings() -> Path:
    """Return the folder in which `imports.aws` is, made when missing or out of date. Raises BenchError."""
    folder = CACHE / "bindings"
    stamp = folder / "made-from.sha256"
    lock = PINS / "cdktn-cli" / "package-lock.json"
    origin = [PROVIDER_VERSION, lock.read_text(), SETTINGS, sorted(modules_in_use())]
    wanted = hashlib.sha256(json.dumps(origin).encode()).hexdigest()
    if not stamp.is_file() or stamp.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        generate(folder)
        stamp.write_text(wanted)
    return folder


def generate(folder: Path) -> None:
    """Write the bindings into `imports` in the folder, in place of what is there. Raises BenchError."""
    tools = folder_of("cdktn-cli", pins=PINS, cache=CACHE) / "node_modules"
    modules = modules_in_use()
    with step(f"generate the bindings of {len(modules)} modules"), tempfile.TemporaryDirectory() as name:
        work = Path(name)
        schema = json.loads(_run(provider_directory(products.TERRAFORM), "terraform", "providers", "schema", "-json"))
        (work / "schema.json").write_text(json.dumps(filtered(schema, modules)))
        (work / "cdktf.json").write_text(json.dumps(SETTINGS))
        terraform = work / "terraform"
        terraform.write_text(TERRAFORM.format(schema=shlex.quote(str(work / "schema.json"))))
        terraform.chmod(0o755)
        own = {
            # cdktn's CLI needs Node 22.19, and runs npm and jsii's compiler with the one on PATH.
            "PATH": f"{tools / 'node' / 'bin'}:{os.environ['PATH']}",
            "TERRAFORM_BINARY_NAME": str(terraform),
            "CDKTF_HOME": str(CACHE / "home"),
            "CI": "1",
            "DISABLE_VERSION_CHECK": "1",
        }
        _run(work, str(tools / ".bin" / "cdktn"), "get", "--force", **own)
        shutil.rmtree(folder / "imports", ignore_errors=True)
        shutil.copytree(work / "imports", folder / "imports")


def _run(folder: Path, *command: str, **variables: str) -> str:
    # The provider lies in the folder; a configuration of the user's may name another place.
    everything = {**terraform_variables(os.environ), "TF_CLI_CONFIG_FILE": os.devnull, **variables}
    done = subprocess.run(command, cwd=folder, env=everything, capture_output=True, text=True, check=False)
    if done.returncode:
        message = f"the bindings cannot be generated: {(done.stderr.strip() or done.stdout.strip())[-2000:]}"
        raise BenchError(message)
    return done.stdout


def main() -> int:
    """Generate into the checkout; return the exit status."""
    try:
        generate(PROJECT_ROOT)
    except BenchError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
