"""What a browser is told about https."""

import pytest

from tests.web.sites import Site
from web import transport


@pytest.mark.parametrize("insists", [True, False])
def test_https_is_insisted_on_only_where_it_was_asked_for(site: Site, insists: bool) -> None:
    if insists:
        transport.insist_on_https(site.app)
    told = site.client().get("/sign-in").headers.get("Strict-Transport-Security")
    assert told == ("max-age=2592000" if insists else None)
