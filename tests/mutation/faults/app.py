"""Faults of the composition root and of cdktf's own settings."""

from tests.mutation.fault import Area, Fault

APP = Area(
    "app",
    ("tests/stacks",),
    (
        Fault(
            "dev-in-each-stack",
            "main:_read_settings",
            "load_settings(environment)",
            'load_settings(Environment("dev"))',
            "`ENV=prod` would deploy dev.",
        ),
        Fault(
            "half-an-environment",
            "main:_add_stacks",
            "for name in stack_names(each.environment):",
            "for name in stack_names(each.environment)[:1]:",
            "A fault in one stack would leave another one half made, and a deployment of that destroys the rest of it.",
        ),
        Fault(
            "settings-of-before",
            "main:_synthesize",
            "                shutil.rmtree(folder, ignore_errors=True)\n",
            "",
            "What an earlier run left of an environment that is faulty now would be deployed as its settings.",
        ),
        Fault(
            "folder-of-before-gone",
            "main:_synthesize",
            "                folder.mkdir(exist_ok=True)\n",
            "",
            "`make synth` would fail in cdktf's CLI, which deletes that folder, after a setting became wrong.",
        ),
        Fault(
            "stacks-error-taken-for-cdktfs",
            "main:main",
            "if not isinstance(error.__cause__, JavaScriptError):",
            "if not error.args:",
            "Who writes a feature would look in cdktf for an error of its own code.",
        ),
        Fault(
            "stacks-loaded-after-node",
            "main:_synthesize",
            "        feature.stack_class()\n",
            "        feature.stack_name(request.environments[0])\n",
            "Node would wait for what Python loads: a tenth of a synthesis.",
        ),
        Fault(
            "requirement-loaded-by-a-synthesis",
            "stacks/vpr_async/__init__.py",
            "from stacks.vpr_async.names import names_of\n",
            "from stacks.vpr_async import requirement as _\nfrom stacks.vpr_async.names import names_of\n",
            "A synthesis would load what only the tools use.",
        ),
        Fault(
            "checksums-left-behind",
            "main:_add_provider_files",
            "    shutil.copyfile(lock, stack_directory / LOCK_BESIDE_A_STACK)\n",
            "",
            "Terraform would take any provider, and `cdktf deploy` would need the registry.",
        ),
        Fault(
            "mirror-left-behind",
            "main:_add_provider_files",
            "    if mirror.is_dir() and not",
            "    if mirror.is_file() and not",
            "`cdktf deploy` in a bare shell would look for the provider in the registry.",
        ),
        Fault(
            "checksums-of-the-other-program",
            "main:_add_provider_files",
            "made if made.is_file() else PROJECT_ROOT / product.lock",
            'made if made.is_file() else PROJECT_ROOT / ".terraform.lock.hcl"',
            "OpenTofu would be given the checksums of HashiCorp's packages, and refuse its own.",
        ),
        Fault(
            "mirror-of-the-other-program",
            "main:_add_provider_files",
            "link.is_symlink() and link.resolve() != mirror.resolve()",
            "link.is_symlink() and not link.exists()",
            "`cdktf deploy` by OpenTofu would look for its provider among Terraform's.",
        ),
        Fault(
            "python-of-the-shell",
            "cdktf.json",
            ".venv/bin/python -O main.py",
            "python main.py",
            "`cdktf synth` would work in an activated environment alone.",
        ),
        Fault(
            "crashes-told",
            "cdktf.json",
            '"sendCrashReports": "false"',
            '"sendCrashReports": "true"',
            "cdktf would send what it stumbles over to a server of others.",
        ),
    ),
)
