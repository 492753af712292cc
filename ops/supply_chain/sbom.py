"""The command `sbom`: what the project is made of, as CycloneDX JSON, in `sbom/`."""

import argparse
import json
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from config.products import Product
from config.request import PROJECT_ROOT, Request
from ops import process
from ops.command import Command
from ops.errors import CommandError
from ops.progress import step
from ops.setup import PROVIDER_VERSION, TOOLS

SBOM = PROJECT_ROOT / "sbom"


def run(request: Request, _: argparse.Namespace) -> int:
    """Write one file each for Python, npm and the provider, and print their names. Raises CommandError."""
    shutil.rmtree(SBOM, ignore_errors=True)
    SBOM.mkdir()
    with step("list the packages"):
        made = {"python": _python(request.shell), "npm": _npm(request.shell), "provider": _provider(request.product)}
    for name, content in made.items():
        file = SBOM / f"{name}.cdx.json"
        file.write_text(content)
        print(file.relative_to(PROJECT_ROOT))
    return 0


def _python(variables: Mapping[str, str]) -> str:
    cyclonedx = str(TOOLS / "bin" / "cyclonedx-py")
    groups = ("--categories", "packages dev-packages installer")
    return _said((cyclonedx, "pipenv", *groups, "--output-reproducible", "."), variables, PROJECT_ROOT)


def _npm(variables: Mapping[str, str]) -> str:
    """Ask npm, which wants a version of the project itself to name it by."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("package.json", "package-lock.json"):
            content = json.loads((PROJECT_ROOT / name).read_text())
            for each in (content, content.get("packages", {}).get("", {})):
                each["version"] = "0.0.0"
            Path(folder, name).write_text(json.dumps(content))
        command = ("npm", "sbom", "--sbom-format", "cyclonedx", "--package-lock-only")
        return _said(command, variables, Path(folder))


def _provider(product: Product) -> str:
    """Return the provider, with the SHA-256 of each file of its release, as the lock has them."""
    lock = (PROJECT_ROOT / product.lock).read_text()
    packages = [{"alg": "SHA-256", "content": digest} for digest in re.findall(r'"zh:([0-9a-f]{64})"', lock)]
    component = {
        "type": "application",
        "name": product.provider,
        "version": PROVIDER_VERSION,
        "purl": f"pkg:terraform/hashicorp/aws@{PROVIDER_VERSION}",
        "externalReferences": [
            {"type": "distribution", "url": f"https://{product.provider}/{PROVIDER_VERSION}", "hashes": packages}
        ],
    }
    return json.dumps(
        {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": [component]}, indent=2
    )


def _said(command: Sequence[str], variables: Mapping[str, str], folder: Path) -> str:
    done = process.run(command, variables, folder, capture=True)
    if done.returncode:
        message = f"{Path(command[0]).name} failed:\n{(done.stderr.strip() or done.stdout.strip())[-4000:]}"
        raise CommandError(message)
    return done.stdout


COMMANDS = (
    Command(
        name="sbom",
        summary="Leave what the project is made of as CycloneDX JSON in sbom/.",
        run=run,
    ),
)
