"""The edge over TLS: what holds for plain bytes holds for records."""

import pytest
from test_edge import (  # noqa: F401
    fixture_wire,
    test_a_body_at_the_limit_is_read,
    test_a_body_on_get_smuggles_nothing,
    test_a_body_over_the_limit_is_413,
    test_a_chunked_body_is_joined,
    test_a_client_that_leaves_harms_nobody,
    test_a_client_that_shut_its_side_gets_its_reply,
    test_a_connection_serves_many_requests,
    test_a_head_over_the_limit_is_431,
    test_a_namespace_separator_is_one_byte,
    test_a_request_in_pieces_is_one_request,
    test_a_target_over_the_limit_is_414,
    test_connection_close_is_kept,
    test_errors_have_a_request_id_too,
    test_expect_100_continue_is_honoured,
    test_headers_are_counted,
    test_http_1_0_is_answered_and_closed,
    test_pipelined_requests_are_answered_in_order,
)


TLS = {"tls": {"mode": "self-signed"}}

pytestmark = pytest.mark.parametrize(
    "server", [("sqlite", 1, TLS), ("sqlite", 2, TLS)], indirect=True,
    scope="module", ids=("tls-1", "tls-2"))
