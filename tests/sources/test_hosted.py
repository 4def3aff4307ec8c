"""Colab's and Kaggle's stores of secrets, with modules of their shape in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from quixnb.errors import TokenMissing
from quixnb.sources import find_token
from tests.fakes import fake_token

COLAB = """
import os
class SecretNotFoundError(Exception): pass
class NotebookAccessError(Exception): pass
class TimeoutException(Exception): pass
def get(name):
    if name != os.environ["HELD"]:
        raise SecretNotFoundError("the value is not for messages")
    if problem := os.environ.get("PROBLEM"):
        raise globals().get(problem, RuntimeError)("the value is not for messages")
    return os.environ["SECRET"]
"""
KAGGLE = """
import os
class BackendError(Exception): pass
class CredentialError(Exception): pass
class UserSecretsClient:
    def __init__(self):
        if os.environ.get("PROBLEM") == "CredentialError":
            raise CredentialError("the value is not for messages")
    def get_secret(self, name):
        if name != os.environ["HELD"]:
            raise BackendError("the value is not for messages")
        return os.environ["SECRET"]
"""
PROGRAM = """
import json, sys
from quixnb.errors import QuixnbError
from quixnb.sources import find_token, from_source
try:
    token = from_source(sys.argv[1]) if len(sys.argv) > 1 else find_token()
    print(json.dumps([token.source, token.reveal()]))
except QuixnbError as error:
    print(json.dumps(error._render_traceback_()))
"""


@pytest.fixture
def host(folder: Path) -> Path:
    """A folder with modules named and shaped like the hosts' own."""
    host = folder / "host"
    (host / "google" / "colab").mkdir(parents=True)
    (host / "google" / "colab" / "__init__.py").touch()
    (host / "google" / "colab" / "userdata.py").write_text(COLAB)
    return host


@pytest.fixture
def kaggle(folder: Path) -> Path:
    host = folder / "host"
    host.mkdir()
    (host / "kaggle_secrets.py").write_text(KAGGLE)
    return host


def said(host: Path, *arguments: str, **variables: str) -> list[str]:
    """What a program in that host finds, or says."""
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": f"{host}{os.pathsep}{root}", "HELD": "Quix__Sdk__Token", **variables}
    environment["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], env=environment, capture_output=True, text=True, check=True
    )
    lines: list[str] = json.loads(done.stdout)
    assert "not for messages" not in done.stdout + done.stderr
    return lines


def test_colabs_secret_is_found_by_itself(host: Path) -> None:
    text = fake_token()

    assert said(host, SECRET=text) == ["Colab secret 'Quix__Sdk__Token'", text]


def test_a_variable_goes_before_colabs_secret(host: Path) -> None:
    text = fake_token()

    assert said(host, SECRET=fake_token(), STREAMING_TOKEN=text) == ["STREAMING_TOKEN", text]


def test_colabs_secret_can_have_any_name(host: Path) -> None:
    text = fake_token()

    assert said(host, "colab:PROD", SECRET=text, HELD="PROD") == ["Colab secret 'PROD'", text]


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        ("NotebookAccessError", "This notebook may not read that secret"),
        ("TimeoutException", "only to a notebook that is open in its own page"),
        ("SecretNotFoundError", "Colab has no secret of that name"),
        ("Whatever", "Colab did not answer (RuntimeError)."),
    ],
)
def test_what_colab_refuses_is_said_kindly(host: Path, problem: str, reason: str) -> None:
    lines = said(host, "colab:Quix__Sdk__Token", PROBLEM=problem, SECRET="")

    assert lines[0] == "TokenMissing: No Quix token was found in Colab secret 'Quix__Sdk__Token'."
    assert reason in lines[1]


def test_where_it_looked_says_what_colab_said(host: Path) -> None:
    assert "Colab (this notebook may not read that secret" in said(host, PROBLEM="NotebookAccessError", SECRET="")[1]


def test_kaggles_secret_is_found_by_itself(kaggle: Path) -> None:
    text = fake_token()

    assert said(kaggle, SECRET=text) == ["Kaggle secret 'Quix__Sdk__Token'", text]


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"HELD": "other"}, "Kaggle has no secret of that name attached to this notebook"),
        ({"PROBLEM": "CredentialError"}, "only to a notebook that runs on its own page"),
        ({}, "is empty"),
    ],
)
def test_what_kaggle_refuses_is_said_kindly(kaggle: Path, variables: dict[str, str], reason: str) -> None:
    assert reason in said(kaggle, "kaggle:Quix__Sdk__Token", **{"SECRET": " ", **variables})[1]


@pytest.mark.parametrize(("spec", "reason"), [("colab:A", "not Google Colab"), ("kaggle:A", "not a Kaggle notebook")])
def test_elsewhere_it_is_said_that_this_is_not_the_place(folder: Path, spec: str, reason: str) -> None:
    assert reason in said(folder, spec)[1]


def test_the_keyrings_default_entry_is_found_last(folder: Path) -> None:
    import keyring

    from quixnb.sources import find_token, first_found

    keyring.set_keyring(keyring.core.load_keyring("tests.sources.keyrings.InMemory"))
    text = fake_token()
    keyring.set_password("quixnb", "default", text)
    try:
        assert find_token().reveal() == text
        assert first_found() is not None
    finally:
        keyring.delete_password("quixnb", "default")


def test_a_module_of_somebodys_own_by_that_name_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kaggle_secrets", ModuleType("kaggle_secrets"))

    with pytest.raises(TokenMissing, match=r"Kaggle \(kaggle did not answer \(AttributeError\)\)"):
        find_token()
