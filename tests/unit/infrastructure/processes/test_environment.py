"""What of an environment children may see."""

from __future__ import annotations

import os
from pathlib import Path

from hindcast.infrastructure.processes.environment import scrubbed

GIVEN = {
    "PATH": "/bin",
    "LC_ALL": "C.UTF-8",
    "NUMBA_CACHE_DIR": "/cache",
    "HINDCAST_HOME": "/data",
    "HINDCAST_ALPHA_VANTAGE_KEY": "secret",
    "HINDCAST_MONGODB_URL": "mongodb://secret",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "DATABASE_URL": "postgres://secret",
    "LD_PRELOAD": "/tmp/evil.so",
    "PYTHONSTARTUP": "/tmp/evil.py",
    "OPENBLAS_NUM_THREADS": "8",
}


def test_only_what_programs_need_is_kept():
    kept = scrubbed(GIVEN)

    assert {name: kept[name] for name in ("PATH", "LC_ALL", "NUMBA_CACHE_DIR")} == {
        "PATH": "/bin",
        "LC_ALL": "C.UTF-8",
        "NUMBA_CACHE_DIR": "/cache",
    }
    assert not {"LD_PRELOAD", "PYTHONSTARTUP"} & kept.keys()
    assert not [name for name in kept if name.startswith("HINDCAST_")]
    assert "secret" not in str(kept)


def test_threads_and_hash_seed_are_fixed():
    kept = scrubbed(GIVEN)

    assert kept["OPENBLAS_NUM_THREADS"] == "1"
    assert kept["PYTHONHASHSEED"] == "0"


def test_what_is_given_goes_over_all_else():
    assert scrubbed(GIVEN, {"PATH": "/own", "PYTHONHASHSEED": "7"}).items() >= {
        ("PATH", "/own"),
        ("PYTHONHASHSEED", "7"),
    }


def test_folders_of_modules_are_found_from_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert scrubbed({"PYTHONPATH": f"src{os.pathsep}/opt"})["PYTHONPATH"] == f"{Path('src').absolute()}{os.pathsep}/opt"
