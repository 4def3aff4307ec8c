"""Where the shared sandbox keeps its state: in a folder that nobody else may open."""

from __future__ import annotations

from pathlib import Path

import pytest

import quixnb.sandbox
from quixnb.errors import SandboxError
from quixnb.sandbox import places


def test_a_folder_that_others_may_open_is_refused(runtime: Path) -> None:
    (runtime / "sandbox").mkdir(parents=True, mode=0o755)

    with pytest.raises(SandboxError, match="does not keep its tokens") as caught:
        quixnb.sandbox.shared()

    assert len(str(caught.value).splitlines()) == 3
    assert (runtime / "sandbox").stat().st_mode & 0o777 == 0o755


def test_a_folder_that_cannot_be_made_is_an_error_with_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("QUIXNB_RUNTIME_DIR", str(tmp_path / "file"))

    with pytest.raises(SandboxError, match="cannot keep its state") as caught:
        quixnb.sandbox.shared()

    assert "QUIXNB_RUNTIME_DIR" in caught.value.fix


def test_a_login_sessions_runtime_folder_is_taken_if_it_is_the_users_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("QUIXNB_RUNTIME_DIR", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    session = tmp_path / "session"
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(session))

    missing = places.shared_state()
    session.mkdir(mode=0o700)
    private = places.shared_state()
    session.chmod(0o755)
    public = places.shared_state()

    assert private.parent == session / "quixnb" / "sandbox"
    assert missing == public
    assert missing.is_relative_to(tmp_path / "data" / "quixnb")
