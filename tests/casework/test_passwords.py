"""Hashes of passwords."""

import argon2
import pytest

from casework import passwords


def test_a_password_fits_its_own_hash_only() -> None:
    kept = passwords.hashed("密码 correct horse")
    assert passwords.fits("密码 correct horse", kept)
    assert not passwords.fits("密码 correct hors", kept)
    assert kept != passwords.hashed("密码 correct horse")


@pytest.mark.parametrize("kept", [None, "", "plain", "$argon2id$broken"])
def test_nothing_fits_what_is_no_hash(kept: str | None) -> None:
    assert not passwords.fits("a password that no account has", kept)


def test_a_lone_surrogate_is_no_fault_of_ours() -> None:
    assert not passwords.fits("\ud800" * 8, passwords.hashed("x" * 8))


def test_cheaper_hashes_are_outdated() -> None:
    assert not passwords.is_outdated(passwords.hashed("x" * 8))
    assert passwords.is_outdated(
        argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("x" * 8)
    )
