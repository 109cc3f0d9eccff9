"""Runs pinshim explain."""

import json

import product

HOST = "localhost"  # the one name of the servers' certificates that can be looked up


def explain(policy, *arguments, **options):
    """Its exit status and its document."""
    path = getattr(policy, "path", policy)
    result = product.pinshim("explain", "--json", "-c", path, *arguments, **options)
    assert result.stdout, result
    return result.returncode, json.loads(result.stdout)


def readable(policy, *arguments):
    """What is printed without --json."""
    result = product.pinshim("explain", "-c", policy.path, *arguments)
    assert result.stderr == ""
    return result.stdout
