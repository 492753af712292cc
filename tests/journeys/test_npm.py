"""Node's packages, installed by npm itself: whatever its user has configured for other projects."""

import io
import json
import os
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from ops import setup
from ops.installed import SetupError

LEADING_ELSEWHERE = {
    "npm_config_bin_links": "false",
    "npm_config_color": "always",
    "npm_config_dry_run": "true",
    "npm_config_global": "true",
    "npm_config_json": "true",
    "npm_config_location": "global",
    "npm_config_loglevel": "silent",
    "npm_config_omit": "dev",
    "npm_config_package_lock": "false",
    "npm_config_package_lock_only": "true",
    "npm_config_workspaces": "true",
    "NODE_ENV": "production",
}
"""With most of these alone, npm installs nothing and ends without an error, or refuses to work."""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a checkout whose lock names two packages that are at hand."""
    return make_checkout(tmp_path, monkeypatch, "cdktf", "pyright")


def make_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *names: str) -> Path:
    """Make a checkout whose lock names packages that are at hand, each with a program, and none that can be loaded."""
    dependencies: dict[str, str] = {}
    for name in names:
        file_name = name.replace("/", "-")
        manifest = json.dumps({"name": name, "version": "1.0.0", "bin": {file_name: "run.js"}})
        with tarfile.open(tmp_path / f"{file_name}.tgz", "w:gz") as archive:
            for file, content in (("package.json", manifest), ("run.js", "#!/usr/bin/env node\n")):
                entry = tarfile.TarInfo(f"package/{file}")
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content.encode()))
        dependencies[name] = f"file:{tmp_path}/{file_name}.tgz"
    root = tmp_path / "checkout"
    root.mkdir()
    (root / "package.json").write_text(json.dumps({"name": "it", "private": True, "devDependencies": dependencies}))
    command = ("npm", "install", "--package-lock-only", "--offline", "--no-audit")
    subprocess.run(command, cwd=root, env=shell(tmp_path), capture_output=True, check=True)
    monkeypatch.setattr(setup, "PROJECT_ROOT", root)
    return root


def shell(folder: Path) -> Mapping[str, str]:
    """Return the environment without a configuration of npm, and with a home of the test's own."""
    kept = {key: value for key, value in os.environ.items() if not key.lower().startswith("npm_config_")}
    return {**kept, "HOME": str(folder), "npm_config_cache": str(folder / "npm"), "npm_config_offline": "true"}


def installed(folder: Path, variables: Mapping[str, str]) -> set[str]:
    """Have npm install into a folder; return the commands that are then there."""
    folder.mkdir()
    setup.install_node(folder, variables=variables)
    return {path.name for path in (folder / "node_modules" / ".bin").iterdir()}


def test_a_configuration_for_other_projects_changes_nothing(checkout: Path, tmp_path: Path) -> None:
    variables = {**shell(tmp_path), **LEADING_ELSEWHERE}
    assert installed(checkout / "folder", variables) == {"cdktf", "pyright"}


def test_what_npm_did_not_install_is_named(checkout: Path, tmp_path: Path) -> None:
    """It ends without an error where it is asked for its usage."""
    expected = "npm ci ended without an error, but node_modules/.bin/cdktf is missing; npm config list shows"
    with pytest.raises(SetupError, match=expected):
        installed(checkout / "folder", {**shell(tmp_path), "npm_config_usage": "true"})


def test_a_cli_that_does_not_start_is_named_and_all_else_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As where npm compiled its terminal library for another Node."""
    checkout = make_checkout(tmp_path, monkeypatch, "cdktf", "pyright", "@cdktf/node-pty-prebuilt-multiarch")
    assert installed(checkout / "folder", shell(tmp_path)) >= {"cdktf", "pyright"}
    assert capsys.readouterr().err == (
        "setup: note: cdktf's CLI does not start on this Node, so make synth and make deploy will fail: "
        "node-pty-prebuilt-multiarch has no binary for it, and npm compiled none that loads; Node 20 has one\n"
    )


def test_a_home_that_cannot_be_written_is_no_error(checkout: Path, tmp_path: Path) -> None:
    """It would end where its cache cannot be written."""
    (tmp_path / "file").write_text("")
    variables = {**shell(tmp_path), "HOME": str(tmp_path / "file")}
    assert installed(checkout / "folder", {**variables, "npm_config_cache": str(tmp_path / "file" / "npm")}) == {
        "cdktf",
        "pyright",
    }
    assert (checkout / ".cache" / "npm" / "_cacache").is_dir()


def test_the_checkouts_own_configuration_of_npm_counts(checkout: Path, tmp_path: Path) -> None:
    """As a registry or a proxy that its user has put there."""
    (checkout / ".npmrc").write_text(f"cache={tmp_path}/named\n")
    variables = {key: value for key, value in shell(tmp_path).items() if key != "npm_config_cache"}
    assert installed(checkout / "folder", variables) == {"cdktf", "pyright"}
    assert (tmp_path / "named" / "_cacache").is_dir()
