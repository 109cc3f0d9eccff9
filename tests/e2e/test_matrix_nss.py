"""The attack matrix of NSS: as test_matrix.py, with other axes."""

import matrix_nss
import matrix_stage
import nss_kit
import pytest
import test_matrix


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """Servers, policies and the client."""
    folder = tmp_path_factory.mktemp("matrix-nss")
    with matrix_stage.Stage(folder, nss_kit.Kit) as built:
        yield built


@pytest.mark.parametrize("cells", test_matrix.groups(matrix_nss.cells(), matrix_nss.ATTACKS))
def test_cells(stage, cells, record_property):
    test_matrix.play_all(stage, cells, record_property)
