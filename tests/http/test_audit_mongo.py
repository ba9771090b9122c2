"""The audit log on MongoDB, as on the stores of every test."""

import pytest
import test_audit
from harness.tenants import Tenant
from test_audit import *  # noqa: F403
from test_audit_commits import *  # noqa: F403

# The stand-in for MongoDB leaves out what equals the bound of $lte where it
# goes down an index: end_time is tried on the other stores.
del test_filters_count_what_they_list  # noqa: F821


@pytest.fixture(name="server", scope="module")
def fixture_server(start_kind):
    with start_kind(("mongo", 2, {})) as server:
        yield server


@pytest.fixture(name="tenant")
def fixture_tenant(server):
    return test_audit.settled(Tenant(server))
