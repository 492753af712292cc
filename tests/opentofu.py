"""A stand-in for OpenTofu: the real Terraform under the name `tofu`, with the differences that can be played.

Played: the version and its first line; no `applyable` and no `complete` in a plan's JSON; hashicorp/aws without a host
is registry.opentofu.org's, in providers, state and plans; the product's name in what it prints. Not played: OpenTofu's
own packages of the provider (HashiCorp's has to serve), its registry, its reading of a state that Terraform wrote, and
whatever else differs.
"""

import sys
from pathlib import Path

from config.products import OPENTOFU, TERRAFORM
from ops.setup import PROVIDER_VERSION, platform_name, plugins
from tests.checkout import Checkout

VERSION = "1.10.6"
SCRIPT = """\
#!{python} -IS
import json, os, pathlib, shutil, subprocess, sys, tempfile

VERSION = {version!r}
arguments, here = sys.argv[1:], pathlib.Path.cwd()
# Terraform runs in a folder beside this one, of the same files, in which the provider's source has a host.
beside = pathlib.Path(tempfile.mkdtemp(prefix=".as-tofu-", dir=here.parent))
for file in here.iterdir():
    copy = beside / file.name
    if file.name == ".terraform":
        continue
    if file.is_symlink() or file.is_dir():
        copy.symlink_to(file.resolve())
    elif file.name.endswith(".tf.json"):
        made = json.loads(file.read_text())
        for required in made.get("terraform", {{}}).get("required_providers", {{}}).values():
            required["source"] = "registry.opentofu.org/hashicorp/aws"
        copy.write_text(json.dumps(made))
    else:
        shutil.copyfile(file, copy)
before = {{file.name: file.read_bytes() for file in beside.iterdir() if file.is_file()}}
variables = {{**os.environ, "PATH": {path!r}}}
variables.setdefault("TF_DATA_DIR", str(here / ".terraform"))
done = subprocess.run(("terraform", *arguments), cwd=beside, env=variables, capture_output=True, text=True)
for file in beside.iterdir():
    if file.is_file() and file.read_bytes() != before.get(file.name):
        shutil.copyfile(file, here / file.name)
shutil.rmtree(beside)


def as_opentofu(text):
    return text.replace("Terraform", "OpenTofu").replace("terraform ", "tofu ")


out = done.stdout
if "-json" in arguments:
    told = json.loads(out)
    if "show" in arguments:
        del told["applyable"], told["complete"]
    told["terraform_version"] = VERSION
    out = json.dumps(told) + "\\n"
elif arguments[:1] in (["version"], ["-v"], ["--version"]):
    out = f"OpenTofu v{{VERSION}}\\non linux_amd64\\n"
else:
    out = as_opentofu(out)
sys.stdout.write(out)
sys.stderr.write(as_opentofu(done.stderr))
sys.exit(done.returncode)
"""


def stand_in(checkout: Checkout, folder: Path) -> dict[str, str]:
    """Put `tofu` into a folder, and a mirror that has the provider; return the variables with which both are found.

    The checkout's checksums of OpenTofu's packages become those of HashiCorp's, which is all there is here.
    """
    lock = (checkout.path / TERRAFORM.lock).read_text()
    (checkout.path / OPENTOFU.lock).write_text(lock.replace(TERRAFORM.registry, OPENTOFU.registry))
    return {"PATH": program(checkout, folder), "TF_CLI_CONFIG_FILE": mirror(folder), "TERRAFORM": "tofu"}


def program(checkout: Checkout, folder: Path) -> str:
    """Put `tofu` into a folder; return a PATH with it."""
    path = checkout.variables["PATH"]
    file = folder / "tofu"
    file.write_text(SCRIPT.format(python=sys.executable, version=VERSION, path=path))
    file.chmod(0o755)
    return f"{folder}:{path}"


def mirror(folder: Path) -> str:
    """Make a mirror of HashiCorp's package under the host of OpenTofu's registry; return a configuration with it."""
    package = Path(PROVIDER_VERSION, platform_name())
    link = folder / "mirror" / OPENTOFU.provider / package
    link.parent.mkdir(parents=True)
    link.symlink_to((plugins(TERRAFORM) / TERRAFORM.provider / package).resolve())
    file = folder / "tofurc"
    file.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{folder / "mirror"}"\n  }}\n}}\n')
    return str(file)
