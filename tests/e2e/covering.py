"""Covering arrays: a few combinations in which every sensible pair (or triple) of values occurs.

Greedy, and the same for the same seed.
"""

import itertools
import os
import random

import pytest

ATTEMPTS = 4  # to complete a combination before it counts as impossible


def _tuples(axes, fits, strength):
    """Every sensible combination of values of any `strength` axes: {axis: value}, as items."""
    for chosen in itertools.combinations(range(len(axes)), strength):
        for values in itertools.product(*(axes[axis] for axis in chosen)):
            if all(fits(a, b) for a, b in itertools.combinations(values, 2)):
                yield tuple(zip(chosen, values))


def _gain(fixed, axis, value, missing, strength):
    """How many missing tuples the value would complete."""
    items = sorted((*fixed.items(), (axis, value)), key=lambda item: item[0])
    others = [item for item in items if item[0] != axis]
    return sum(
        tuple(sorted((*some, (axis, value)), key=lambda item: item[0])) in missing
        for some in itertools.combinations(others, strength - 1)
    )


def _complete(start, axes, fits, missing, strength, rng):
    """A whole combination around `start`; None where none was found."""
    fixed = dict(start)
    rest = [axis for axis in range(len(axes)) if axis not in fixed]
    rng.shuffle(rest)
    for axis in rest:
        possible = [v for v in axes[axis] if all(fits(v, other) for other in fixed.values())]
        if not possible:
            return None
        rng.shuffle(possible)
        fixed[axis] = max(possible, key=lambda v: _gain(fixed, axis, v, missing, strength))
    return tuple(fixed[axis] for axis in range(len(axes)))


def cover(axes, fits, strength, seed):
    """Combinations, one value of each axis, that hold every tuple for which one was found.

    `fits(a, b)`: two values of different axes can stand in one combination.
    """
    rng = random.Random(seed)
    todo = list(_tuples(axes, fits, strength))
    rng.shuffle(todo)
    missing = set(todo)
    found = []
    for start in todo:
        if start not in missing:
            continue
        tries = (_complete(start, axes, fits, missing, strength, rng) for _ in range(ATTEMPTS))
        combination = next((c for c in tries if c), None)
        if not combination:  # each pair is sensible, but nothing holds all of them
            missing.discard(start)
            continue
        found.append(combination)
        for chosen in itertools.combinations(range(len(axes)), strength):
            missing.discard(tuple((axis, combination[axis]) for axis in chosen))
    return found


def every_pair(**axes):
    """Parametrizes a test with combinations that hold every pair of values; PINSHIM_MATRIX=full: with all."""
    values = list(axes.values())
    full = os.environ.get("PINSHIM_MATRIX") == "full"
    found = itertools.product(*values) if full else cover(values, lambda a, b: True, 2, seed=1)
    return pytest.mark.parametrize(tuple(axes), sorted(found, key=str))
