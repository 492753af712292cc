"""uv gets what the lock and pip's configuration say."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from ops import uv

ALWAYS = {"UV_NO_CONFIG": "1", "UV_INDEX_STRATEGY": "unsafe-best-match", "UV_SYSTEM_CERTS": "1"}


def test_a_lock_is_said_in_pips_words_with_hashes_and_markers() -> None:
    """A package that is in two groups comes once."""
    default = {"b": {"version": "==2", "hashes": ["sha256:bb"], "markers": "python_version >= '3.9'"}}
    develop = {"a": {"version": "==1", "hashes": ["sha256:aa", "sha256:ab"]}, **default}
    assert list(uv.requirements(default, develop)) == [
        "a==1 --hash=sha256:aa --hash=sha256:ab",
        "b==2; python_version >= '3.9' --hash=sha256:bb",
    ]


@pytest.mark.parametrize(
    ("settings", "shell", "expected"),
    [
        ({}, {}, {}),
        ({"index-url": "https://mirror/simple"}, {}, {"UV_DEFAULT_INDEX": "https://mirror/simple"}),
        ({"extra-index-url": "\nhttps://one/\nhttps://two/"}, {}, {"UV_INDEX": "https://one/ https://two/"}),
        ({"find-links": "https://one/ /nowhere /"}, {}, {"UV_FIND_LINKS": "https://one/,/"}),
        ({"trusted-host": "one two:8080"}, {}, {"UV_INSECURE_HOST": "one two:8080"}),
        ({"timeout": "180"}, {}, {"UV_HTTP_TIMEOUT": "180"}),
        ({"default-timeout": "180"}, {}, {"UV_HTTP_TIMEOUT": "180"}),
        ({"cert": "/own.pem"}, {"REQUESTS_CA_BUNDLE": "/other.pem"}, {"SSL_CERT_FILE": "/own.pem"}),
        ({}, {"CURL_CA_BUNDLE": "/own.pem"}, {"SSL_CERT_FILE": "/own.pem"}),
        ({"cert": "/"}, {}, {"SSL_CERT_DIR": "/"}),
        ({"client-cert": "/me.pem"}, {}, {"SSL_CLIENT_CERT": "/me.pem"}),
        (
            {"proxy": "http://proxy:3128"},
            {"https_proxy": "http://another"},
            dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://proxy:3128"),
        ),
        ({"keyring-provider": "subprocess"}, {}, {"UV_KEYRING_PROVIDER": "subprocess"}),
        # It would have uv look for a keyring of its own Python, which it has not.
        ({"keyring-provider": "auto"}, {}, {}),
    ],
)
def test_each_option_of_pips_that_says_where_from_is_uvs(
    settings: Mapping[str, str], shell: Mapping[str, str], expected: Mapping[str, str]
) -> None:
    """The names on the right are those of uv's documentation, and of the TLS library that it uses."""
    assert uv.uv_variables(settings, shell) == {**shell, **ALWAYS, **expected}


def test_no_variable_of_uvs_leads_elsewhere() -> None:
    """Its cache may be where the user wants it."""
    elsewhere = dict.fromkeys(("UV_SYSTEM_PYTHON", "UV_TARGET", "UV_EXCLUDE_NEWER", "UV_INDEX", "UV_NO_BINARY"), "1")
    kept = {"UV_CACHE_DIR": "/cache", "UV_LINK_MODE": "copy", "PATH": "/bin"}
    assert uv.uv_variables({}, {**elsewhere, **kept}) == {**kept, **ALWAYS}


def test_pips_own_precedence_decides(tmp_path: Path) -> None:
    """An option of its command install counts more than a global one, and a variable more than either."""
    (tmp_path / "pip.conf").write_text(
        "[global]\nindex-url = https://global/\ntimeout = 1\ncert = /it's.pem\nquiet = 3\n"
        "[install]\ntimeout = 2\nextra-index-url =\n    https://one/\n    https://two/\n"
        "[download]\ntimeout = 4\n"
    )
    shell = {"PATH": os.environ["PATH"], "PIP_CONFIG_FILE": str(tmp_path / "pip.conf"), "PIP_INDEX_URL": "https://me/"}
    settings = uv.pip_settings(shell)
    expected = {
        "index-url": "https://me/",
        "timeout": "2",
        "cert": "/it's.pem",
        "extra-index-url": "\nhttps://one/\nhttps://two/",
    }
    assert {name: settings[name] for name in expected} == expected
