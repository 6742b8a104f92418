"""`baopian deliver`: one round, and nothing while the server does it."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from casework import notices, webhooks
from casework.deliverer import holding
from casework.findings import report
from casework.policy import Actor
from cli import main
from tests.factories.city import NOW, two_patches
from tests.factories.offices import office_at
from tests.factories.outside import web_sink


def test_one_round_and_only_where_nobody_else_delivers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "INSTANCE": str(tmp_path),
        "NOW": NOW.isoformat(),
        "WEBHOOKS_TO_PRIVATE": "1",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("DATABASE_URL", "SMTP_HOST", "PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    with office_at(tmp_path) as office, web_sink() as sink:
        two_patches(office)
        values = {
            "name": "x",
            "url": sink.url,
            "form": "json",
            "secret": "a secret of 20 signs",
            "lang": "en",
        }
        webhooks.add_webhook(office, Actor(role="administrator"), values, ["task"])
        finding_id = report(
            office, Actor(role="inspector"), {"category": "0105", "lon": 101.2, "lat": 36.5}
        ).finding_id
        with office.database.write() as session:
            notices.tell(session, finding_id, "dispatch", office.now(), occasion="1")
        with holding(office):
            done = CliRunner().invoke(main, ["deliver"])
            assert (done.exit_code, "The server delivers already" in done.output) == (0, True)
        assert not sink.taken
        done = CliRunner().invoke(main, ["deliver"])
        assert (done.exit_code, done.output.splitlines()[0]) == (0, "1 sent"), done.output
        assert len(sink.taken) == 1
        assert CliRunner().invoke(main, ["deliver"]).output.splitlines()[0] == "0 sent"
