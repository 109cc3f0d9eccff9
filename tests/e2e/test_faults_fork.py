"""Children: of a program with threads that connect while a policy is replaced, and on their way to exec."""

import busy
import faults
import policies
import product
import pytest
import replacing


COUNT = 3 if product.sanitizers() else 10  # connections of each thread


@pytest.mark.parametrize("kind", ("text", "image"))
def test_children_of_busy_threads(folder, certificates, kind):
    """Each can connect by itself, however the fork found the others; none waits for ever."""
    with replacing.policy(folder, certificates, kind) as policy:
        ran = busy.all_three(folder, certificates, policy.path, "fork", COUNT)
    assert all(said["children"] > 0 for said in ran)
    print([said["children"] for said in ran], "children")
    assert set(policy.own_events()) <= {"policy-loaded"}  # none, where a second was enough


@pytest.mark.parametrize("kind", ("text", "image"))
def test_vfork_posix_spawn_and_a_child_that_connects_before_it_execs(folder, certificates, kind):
    policy = policies.pinning(folder, certificates.genuine.pin)
    path = policies.image_of(policy) if kind == "image" else policy.path
    busy.all_three(folder, certificates, path, "spawn", 5)
    assert len(policy.events()) == 10  # the program's and its children's


def test_fork_that_could_not_be_watched_at_first(folder, certificates):
    """pthread_atfork has no memory once; the next connection makes up for it."""
    policy = policies.image_of(policies.pinning(folder, certificates.genuine.pin))
    variables = faults.Faults(folder, "atfork").variables(policy, 1)
    said = busy.run(
        folder, certificates, certificates.genuine, policy, "fork", 5, environment=variables
    )
    assert said["refused"] == 0 and said["children"] > 0
    assert (folder / "faults.log").read_text().startswith("pthread_atfork ")
