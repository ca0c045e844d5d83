"""Named checks for the Python lane: one line each, one closing line, an exit code."""

import os
import sys
from datetime import datetime, timedelta, timezone

from appwrite.client import Client
from appwrite.exception import AppwriteException

ENDPOINT = os.environ["HERENOW_ENDPOINT"]
PROJECT = os.environ["HERENOW_PROJECT"]
KEY = os.environ["HERENOW_KEY"]

_checks = []
_names = 0


def check(function):
    """Registers a check; its name is the fact it holds."""
    _checks.append(function)
    return function


def run_lane():
    """Runs all checks in the order of the file and ends the process."""
    passed = failed = 0
    for function in _checks:
        name = function.__name__.replace("_", " ")
        try:
            function()
            passed += 1
            print(f"ok {name}", flush=True)
        except Exception as error:  # a check may fail in any way, and the next one runs all the same
            failed += 1
            reason = f"{type(error).__name__}: {error}".replace("\n", " ")
            print(f"FAIL {name}: {reason}", flush=True)
    print(f"{passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)


def client():
    """A client that nobody has signed in."""
    return Client().set_endpoint(ENDPOINT).set_project(PROJECT)


def backend():
    """A client with the project's key."""
    return client().set_key(KEY)


def refused(code, error_type, call):
    """Holds that a call is refused with this status and error type."""
    try:
        answer = call()
    except AppwriteException as error:
        equal((error.code, error.type), (code, error_type), "the refusal")
        return
    raise AssertionError(f"expected {code} {error_type}, but it was answered: {answer!r}")


def equal(actual, expected, what):
    """Holds that two values are the same."""
    if actual != expected:
        raise AssertionError(f"{what} is {actual!r}, not {expected!r}")


def fresh(prefix):
    """A name that no other check of this run has used."""
    global _names
    _names += 1
    return f"{prefix}-{_names}"


def in_seconds(seconds):
    """A moment to come, as `expires_at` wants it."""
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")
