"""The environments that set-up installs: whole in any shell, and what runs out of one stays in it."""

import base64
import hashlib
import http.server
import json
import os
import subprocess
import threading
import zipfile
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from config.request import PROJECT_ROOT
from ops import installed, python_packages, setup, uv
from ops.installed import SetupError
from tests.checkout import Checkout, make_checkout

HOSTILE_PYTHON = {
    "PYTHONHOME": "/nonexistent",
    "PYTHONINSPECT": "1",
    "PYTHONOPTIMIZE": "2",
    "PYTHONPLATLIBDIR": "nonexistent",
    "PYTHONSAFEPATH": "1",
    "PYTHONUTF8": "neither 0 nor 1",
    "PYTHONWARNINGS": "error",
}
"""Each of these alone keeps Python from starting, from finding its packages or the project, or from ending."""
PRINT_WHICH = """
import sys
print("begun", flush=True)
sys.stdin.readline()
import which
print(which.WHICH)
"""


def hostile(folder: Path) -> Mapping[str, str]:
    """Return a shell in which Python, pip and the user's configuration of pip lead elsewhere."""
    (folder / "json.py").write_text("raise RuntimeError('not the json of Python')")
    (folder / "pip.conf").write_text("[install]\nuser = true\n")
    pip = ("TARGET", "PREFIX", "ROOT", "CONSTRAINT", "REQUIREMENT")
    return {
        **HOSTILE_PYTHON,
        **{f"PIP_{option}": str(folder / "elsewhere") for option in pip},
        "PIP_CONFIG_FILE": str(folder / "pip.conf"),
        "PIP_DRY_RUN": "1",
        "PIP_PYTHON": "/nonexistent",
        "PIP_REQUIRE_VIRTUALENV": "1",
        "PIP_USER": "1",
        "PYTHONPATH": str(folder),
    }


def wheel(folder: Path, version: str, name: str = "which", files: Mapping[str, str] | None = None) -> str:
    """Write a wheel, by default of a package whose module holds its version; return the wheel's SHA-256."""
    files = {
        **(files or {"which.py": f"WHICH = {version!r}\n"}),
        f"{name}-{version}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{name}-{version}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{file},sha256={_digest(text)},{len(text)}\n" for file, text in files.items()]
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
        archive.writestr(f"{name}-{version}.dist-info/RECORD", "".join(record))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


class Environments:
    """A checkout's Python environment, whose lock names one package of a version that a test chooses."""

    def __init__(self, root: Path) -> None:
        self.link = root / ".venv"
        self.lock = root / "Pipfile.lock"
        self.root = root
        self.variables = {
            **os.environ,
            "PIP_FIND_LINKS": str(root),
            "PIP_NO_INDEX": "1",
            "XDG_CACHE_HOME": str(root / "cache"),
        }
        # The index above has no uv.
        installer = uv.fetched_uv(os.environ)
        (installed.own_cache(self.variables) / installer.name).symlink_to(installer)

    def install(self, version: str, variables: Mapping[str, str]) -> None:
        """Have the lock name a version, and install it in a shell with these variables."""
        self.install_by_hash(version, wheel(self.root, version), variables)

    def install_by_hash(self, version: str, digest: str, variables: Mapping[str, str]) -> None:
        """Have the lock name a version and the hash of its wheel, which may be elsewhere, and install it."""
        entry = {"version": f"=={version}", "hashes": [f"sha256:{digest}"]}
        self.lock.write_text(json.dumps({"default": {"which": entry}, "develop": {}}))
        shell = setup.own_variables({**self.variables, **variables})
        groups = python_packages.locked_groups(self.lock, python_packages.COMMANDS, self.link)
        installed.install([python_packages.python_part("packages", "tools", self.link, groups, shell)], shell)

    def start(self, script: str, **variables: str) -> subprocess.Popen[str]:
        """Start a script under the environment's Python, as a command does."""
        return subprocess.Popen(
            (self.link / "bin" / "python", "-c", script),
            cwd=self.root,
            env={**self.variables, **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, script: str, **variables: str) -> str:
        """Return what a script prints under the environment's Python."""
        output, _ = self.start(script, **variables).communicate("\n")
        return output


@pytest.fixture
def environments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environments:
    for module in (installed, python_packages):
        monkeypatch.setattr(module, "PROJECT_ROOT", tmp_path)
    monkeypatch.setattr(installed, "INSTALLED", tmp_path / ".cache" / "installed")
    return Environments(tmp_path)


def test_what_runs_out_of_an_environment_goes_on_in_it_when_the_lock_changes(
    environments: Environments, tmp_path: Path
) -> None:
    """It imports what it began with, twice over, and its folder stays as long as it runs, and no longer."""
    environments.install("1", hostile(tmp_path))
    running = environments.start(PRINT_WHICH)
    assert running.stdout
    assert running.stdout.readline() == "begun\n"
    for version in ("2", "3"):
        environments.install(version, {})
    assert environments.run(PRINT_WHICH) == "begun\n3\n"
    assert running.communicate("\n")[0] == "1\n"
    environments.install("4", {})
    assert sorted(path.name for path in (tmp_path / ".cache" / "installed").glob("tools-*")) == ["tools-3", "tools-4"]


def test_the_mark_of_an_environment_in_use_takes_no_streams_place(environments: Environments) -> None:
    """Of the streams that the caller closed, the numbers stay free: the command opens them."""
    environments.install("1", {})
    free = """
import os, sys
def taken(number):
    try: return bool(os.fstat(number))
    except OSError: return False
sys.exit(10 + sum(map(taken, range(3))))
"""
    command = ("sh", "-c", '"$0" -c "$1" <&- >&- 2>&-', environments.link / "bin" / "python", free)
    assert subprocess.run(command, check=False).returncode == 10


def test_an_option_of_pips_configuration_that_leads_elsewhere_leads_nowhere(
    environments: Environments, tmp_path: Path
) -> None:
    """As a user has for other projects."""
    (tmp_path / "pip.conf").write_text(f"[install]\ntarget = {tmp_path}/elsewhere\nprefix = {tmp_path}/elsewhere\n")
    environments.install("1", {"PIP_CONFIG_FILE": str(tmp_path / "pip.conf")})
    assert environments.run(PRINT_WHICH) == "begun\n1\n"
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_the_index_that_pips_configuration_names_is_asked(
    environments: Environments, tmp_path: Path, scheme: str
) -> None:
    """A company's own, beside which there is no other."""
    digest = index(tmp_path / "index")
    with served(tmp_path / "index") as address:
        url = address if scheme == "http" else f"file://{tmp_path}/index"
        environments.install_by_hash("1", digest, only_index(tmp_path, url))
    assert environments.run(PRINT_WHICH) == "begun\n1\n"


def test_without_a_network_the_caches_suffice(environments: Environments, tmp_path: Path) -> None:
    """As in a second checkout on a train."""
    digest = index(tmp_path / "index")
    with served(tmp_path / "index") as address:
        variables = only_index(tmp_path, address)
        environments.install_by_hash("1", digest, variables)
    environments.link.unlink()
    environments.install_by_hash("1", digest, variables)
    assert environments.run(PRINT_WHICH) == "begun\n1\n"
    assert environments.link.resolve().name == "tools-2"


def index(folder: Path) -> str:
    """Make an index with one package; return the hash of its wheel."""
    package = folder / "which"
    package.mkdir(parents=True)
    digest = wheel(package, "1")
    (package / "index.html").write_text(f'<a href="which-1-py3-none-any.whl#sha256={digest}">which</a>')
    return digest


def only_index(folder: Path, url: str) -> Mapping[str, str]:
    """Return a shell in which pip's configuration names this index, and nothing else does."""
    (folder / "pip.conf").write_text(f"[global]\nindex-url = {url}\n")
    return {"PIP_CONFIG_FILE": str(folder / "pip.conf"), "PIP_NO_INDEX": "0", "PIP_FIND_LINKS": ""}


@contextmanager
def served(folder: Path) -> Generator[str]:
    """Serve a folder on loopback for the length of a block."""
    handler = partial(QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """A server that prints nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Print no line for a request."""


def test_a_package_of_another_hash_is_refused_and_nothing_passes_for_installed(
    environments: Environments, tmp_path: Path
) -> None:
    wheel(tmp_path, "1")
    with pytest.raises(SetupError, match=r"uv-[0-9.]+-\S+ pip install --quiet failed:\n(?s:.*)Hash mismatch"):
        environments.install_by_hash("1", "0" * 64, {})
    assert not environments.link.exists()
    assert not list((tmp_path / ".cache" / "installed").glob("tools-*"))


def test_an_interrupted_installation_is_not_begun_again(
    environments: Environments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C ends uv where it takes packages from its cache, too; what was begun is removed."""
    program = tmp_path / "interrupted"
    program.write_text(f"#!/bin/sh\necho >> {tmp_path}/begun\nkill -INT $$\n")
    program.chmod(0o755)

    def fetched(_: Mapping[str, str]) -> Path:
        return program

    monkeypatch.setattr(uv, "fetched_uv", fetched)
    with pytest.raises(SetupError, match="the installation of Python packages was interrupted"):
        environments.install("1", {})
    assert (tmp_path / "begun").read_text() == "\n"
    assert not list((tmp_path / ".cache" / "installed").glob("tools-*"))


class Uv:
    """A cache without uv, and an index with one that is a script."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.lock = root / "Pipfile.lock"
        self.variables = {
            **{key: value for key, value in os.environ.items() if not key.startswith("PIP_")},
            "PIP_FIND_LINKS": str(root),
            "PIP_NO_INDEX": "1",
            "XDG_CACHE_HOME": str(root / "cache"),
        }
        digest = wheel(root, "7.1", "uv", {"uv-7.1.data/scripts/uv": f"#!/bin/sh\necho >> {root}/started\n"})
        self.write_lock(digest)

    def write_lock(self, digest: str) -> None:
        """Have the lock name this hash."""
        self.lock.write_text(json.dumps({"installer": {"uv": {"version": "==7.1", "hashes": [f"sha256:{digest}"]}}}))


@pytest.fixture
def other_uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Uv:
    made = Uv(tmp_path)
    monkeypatch.setattr(uv, "LOCK", made.lock)
    return made


@pytest.mark.parametrize("before", ["nothing", "damaged"])
def test_uv_is_fetched_once_for_all_checkouts_whatever_pip_is_configured_for(
    other_uv: Uv, tmp_path: Path, before: str
) -> None:
    """Two that set up at once each get it whole."""
    if before == "damaged":
        uv.fetched_uv(other_uv.variables).write_text("damaged")
    variables = {**other_uv.variables, "PIP_REQUIRE_VIRTUALENV": "1", "PIP_USER": "1", "PIP_TARGET": "elsewhere"}
    with ThreadPoolExecutor() as pool:
        first, second = pool.map(uv.fetched_uv, [setup.own_variables(variables)] * 2)
    assert first == second
    assert first.is_relative_to(tmp_path / "cache")
    subprocess.run((first,), check=True)
    for file in tmp_path.glob("*.whl"):
        file.unlink()
    assert uv.fetched_uv(other_uv.variables) == first
    assert [path.name for path in first.parent.iterdir()] == [first.name]


def test_a_uv_of_another_hash_is_refused(other_uv: Uv, tmp_path: Path) -> None:
    """And never started."""
    other_uv.write_lock("0" * 64)
    expected = r"(?s)DO NOT MATCH THE HASHES.*\nuv installs the Python packages; it comes from the index that pip is"
    with pytest.raises(SetupError, match=expected):
        uv.fetched_uv(other_uv.variables)
    assert not (tmp_path / "started").exists()
    assert not list((tmp_path / "cache" / "checkout-setup").iterdir())


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """Return a checkout that is set up, in a path with a space."""
    return make_checkout(tmp_path_factory.mktemp("installed") / "a checkout")


def test_no_variable_of_pythons_reaches_what_make_runs(checkout: Checkout, tmp_path: Path) -> None:
    """Set-up finds all as it was, and the command works."""
    done = checkout.run("make", "status", **hostile(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "prod: not running"


def test_make_has_python_take_every_file_for_utf_8(checkout: Checkout) -> None:
    """Whatever the locale is."""
    rule = 'utf8: ; @$(PYTHON) -c "import sys; print(sys.flags.utf8_mode)"'
    known = "--eval=override COMMANDS := utf8"
    done = checkout.run("make", known, f"--eval={rule}", "utf8", LC_ALL="C.UTF-8", PYTHONUTF8="0")
    assert done.stdout == "1\n"


def test_a_users_variables_do_not_replace_what_make_runs(checkout: Checkout) -> None:
    """Not even with -e, which lets the environment override a makefile."""
    done = checkout.run("make", "status", MAKEFLAGS="-e", PYTHON="false", OPS="false")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("variable", ["PYTHONSAFEPATH=1", "PYTHONOPTIMIZE=2", "PYTHONWARNINGS=error"])
@pytest.mark.parametrize(
    ("command", "status", "message"),
    [
        ("-m ops --help", 0, ""),
        ("-m ops status", 0, ""),
        ("main.py", 0, ""),
        ("scripts/verify_aws_state.py --mode deployed", 2, "dev: no emulator is running"),
        ("scripts/validate_naming.py --help", 0, ""),
    ],
)
def test_the_commands_work_by_hand_whatever_python_is_asked_to_do(
    checkout: Checkout, variable: str, command: str, status: int, message: str
) -> None:
    """With PYTHONSAFEPATH the current folder is not searched; PYTHONOPTIMIZE=2 strips what the help shows."""
    name, _, value = variable.partition("=")
    done = checkout.run(".venv/bin/python", *command.split(), **{name: value, "ENV": "dev"})
    assert done.returncode == status, done.stderr
    assert [line[: len(message)] for line in done.stderr.splitlines()] == [message] * bool(message)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(
    ("command", "status"),
    [("-m ops --help", 0), ("-m ops status", 0), ("main.py", 0), ("-m ops verify", 2)],
)
def test_a_stream_that_the_caller_closed_is_as_an_empty_one(
    checkout: Checkout, command: str, status: int, closed: str
) -> None:
    """The command does the same, and what it prints there is lost."""
    done = checkout.run("sh", "-c", f".venv/bin/python {command} {closed}", ENV="dev")
    usual = checkout.run("sh", "-c", f".venv/bin/python {command}", ENV="dev")
    assert (done.returncode, usual.returncode) == (status, status), done.stderr
    lost = {">&-": "stdout", "2>&-": "stderr"}
    for name in ("stdout", "stderr"):
        gone = any(lost.get(each) == name for each in closed.split())
        assert getattr(done, name) == ("" if gone else getattr(usual, name))


def test_a_child_process_prints_to_nobody_where_the_caller_closed_the_stream(checkout: Checkout) -> None:
    """It can print, and not into the first file that the command opened."""
    script = """
import os, subprocess, sys
from ops.process import prepare_streams
if sys.argv[1] == "prepared": prepare_streams()
file = open("opened", "w+")
os.set_inheritable(file.fileno(), True)
status = subprocess.call(("sh", "-c", "echo printed && echo printed >&2"), close_fds=False)
file.seek(0)
sys.exit(status or 10 + len(file.read()))
"""
    (checkout.path / "child.py").write_text(script)
    for closed in (">&-", "2>&-", "<&- >&- 2>&-"):
        done = checkout.run("sh", "-c", f".venv/bin/python child.py prepared {closed}")
        assert done.returncode == 10
    assert checkout.run("sh", "-c", ".venv/bin/python child.py as-it-is >&-").returncode == 10 + len("printed\n")


@pytest.mark.parametrize("variables", [{"PYTHONIOENCODING": "ascii"}, {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}])
def test_a_letter_that_the_output_has_not_is_an_escape(checkout: Checkout, variables: dict[str, str]) -> None:
    """As in a locale that is not UTF-8."""
    plan = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "output_changes": {"größe": {"actions": ["create"]}},
    }
    (checkout.path / "plan.json").write_text(json.dumps(plan, ensure_ascii=False), encoding="utf-8")
    done = checkout.run(".venv/bin/python", "-m", "ops", "review", "plan.json", **{**variables, "LC_ALL": "C"})
    assert done.returncode == 0, done.stderr
    assert "gr\\xf6\\xdfe" in done.stdout


def test_a_full_disk_is_one_line(checkout: Checkout) -> None:
    done = checkout.run("sh", "-c", ".venv/bin/python -m ops status >/dev/full", PYTHONUNBUFFERED="")
    assert (done.returncode, done.stderr) == (2, "[Errno 28] No space left on device\n")


def test_a_log_on_a_full_disk_does_not_change_the_status(checkout: Checkout) -> None:
    done = checkout.run("sh", "-c", ".venv/bin/python -m ops verify 2>/dev/full", PYTHONUNBUFFERED="")
    assert (done.returncode, done.stderr) == (2, "")


def test_the_commands_run_from_any_folder(checkout: Checkout, tmp_path: Path) -> None:
    command = (str(checkout.path / ".venv" / "bin" / "ops"), "status")
    done = subprocess.run(
        command, cwd=tmp_path, env={**checkout.variables}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "dev: not running\nstaging: not running\nprod: not running\n"


def test_of_a_project_beside_nothing_is_found(checkout: Checkout) -> None:
    """The environment's Python finds this project with PYTHONSAFEPATH alone, and in its own checkout."""
    script = "import importlib.util; spec = importlib.util.find_spec('ops'); print(spec and spec.origin)"
    python = str(checkout.path / ".venv" / "bin" / "python")
    elsewhere = {**checkout.variables}
    plain = subprocess.run((python, "-c", script), cwd="/", env=elsewhere, capture_output=True, text=True, check=True)
    assert plain.stdout == "None\n"
    safe = {**elsewhere, "PYTHONSAFEPATH": "1"}
    done = subprocess.run((python, "-c", script), cwd="/", env=safe, capture_output=True, text=True, check=True)
    assert done.stdout == f"{checkout.path}/ops/__init__.py\n"
    assert Path(done.stdout.strip()) != PROJECT_ROOT / "ops" / "__init__.py"
