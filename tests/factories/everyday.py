"""People and findings for acts: everybody who takes part in the first lifecycle, on a city of two patches."""

from dataclasses import dataclass

from sqlalchemy import select

from casework import accounts
from casework.acts import Done, perform
from casework.findings import report
from casework.office import Office
from casework.photo_uploads import Upload, check
from casework.policy import SYSTEM, Actor
from db.models import Area, Finding, HistoryEntry, User, UserArea
from tests.factories.city import TwoPatches, two_patches
from tests.factories.photos import encoded, picture

PASSWORD = "correct horse 9"


def after_photo(shade: int = 64) -> Upload:
    """A checked picture of kind after."""
    return Upload("after", check(encoded(picture(shade, 48))))


# What lies beside the straight way: the status to start from, the act, and what it needs.
ASIDE: dict[str, tuple[str, str, dict[str, object]]] = {
    "declined": ("reported", "decline", {"note": "no case"}),
    "returned": ("dispatched", "return", {"note": "not ours"}),
    "suspended": ("accepted", "suspend", {"note": "waits for the owner"}),
    "cancelled": ("filed", "cancel", {"note": "in error"}),
    "reopened": ("closed", "reopen", {"note": "it is back"}),
    "duplicate": ("filed", "merge", {"other": True}),
}


@dataclass(frozen=True)
class Everyday:
    """An office with its people as actors. ``other`` is a handler of another bureau, ``second`` another supervisor.

    ``leader``, ``admin`` and ``archivist`` never sign in.
    """

    office: Office
    city: TwoPatches
    supervisor: Actor
    second: Actor
    inspector: Actor
    handler: Actor
    other: Actor
    leader: Actor
    admin: Actor
    archivist: Actor

    @property
    def by_role(self) -> dict[str, Actor]:
        """One person for each role."""
        return {
            "administrator": self.admin, "leader": self.leader, "supervisor": self.supervisor,
            "inspector": self.inspector, "handler": self.handler, "archivist": self.archivist,
        }  # fmt: skip

    def report(self, lon: float = 101.2, lat: float = 36.5, **more: object) -> int:
        form = {"category": "0105", "lon": lon, "lat": lat, **more}
        return report(self.office, self.inspector, form).finding_id

    def act(self, who: Actor, finding: int, act: str, **more: object) -> Done:
        return perform(self.office, who, finding, act, **more)  # type: ignore[arg-type]

    def led_to(self, status: str, finding: int | None = None) -> int:
        """A finding that went the straight way up to this status, or turned off the way to it."""
        finding = finding or self.report()
        checker = self.inspector if self.finding(finding).lon < 101.5 else self.second
        if status in ASIDE:
            before, act, more = ASIDE[status]
            if "other" in more:
                number = self.finding(self.report()).number
                more = {"extra": {"other": number}}
            who = self.handler if act == "return" else self.supervisor
            self.act(who, self.led_to(before, finding), act, **more)
            assert self.finding(finding).status == status
            return finding
        way: tuple[tuple[str, Actor, str, dict[str, object]], ...] = (
            ("filed", self.supervisor, "file", {}),
            ("dispatched", self.supervisor, "dispatch", {}),
            ("accepted", self.handler, "accept", {}),
            ("handled", self.handler, "handle", {"photos": [after_photo()]}),
            ("verified", checker, "verify", {}),
            ("closed", self.supervisor, "close", {}),
        )
        for after, who, act, more in way:
            if self.finding(finding).status == status:
                break
            assert self.act(who, finding, act, **more).status == after
        assert self.finding(finding).status == status
        return finding

    def finding(self, finding: int) -> Finding:
        with self.office.database.read() as session:
            return session.get_one(Finding, finding)

    def history(self, finding: int) -> list[HistoryEntry]:
        with self.office.database.read() as session:
            return session.query(HistoryEntry).filter_by(finding_id=finding).order_by("seq").all()


def everyday(office: Office) -> Everyday:
    """The people; the inspector has patch A (the west), the handler bureau CG, which the rule names."""
    city = two_patches(office)

    def person(name: str, role: str, bureau: str | None = None, areas: tuple[str, ...] = ()) -> Actor:
        user_id = accounts.create_user(office, SYSTEM, name, role, PASSWORD, bureau=bureau, areas=areas)
        with office.database.read() as session:
            owned = frozenset(one.area_id for one in session.query(UserArea).filter_by(user_id=user_id))
        return Actor(
            role=role, user_id=user_id, username=name,
            bureau_id=city.bureaus[bureau] if bureau else None, area_ids=owned,
        )  # fmt: skip

    return Everyday(
        office, city,
        supervisor=person("sup", "supervisor"), second=person("sup2", "supervisor"),
        inspector=person("ins", "inspector", areas=("A",)),
        handler=person("han", "handler", "CG"), other=person("han2", "handler", "HW"),
        leader=account(office, "leader"), admin=account(office, "administrator"),
        archivist=account(office, "archivist"),
    )  # fmt: skip


def account(office: Office, role: str, bureau: int | None = None, area: str = "") -> Actor:
    """An account of this role as an actor; it never signs in. ``area`` is the code of the area that it answers for."""
    with office.database.write() as session:
        user = User(
            username=f"some.{role}.{session.query(User).count()}",
            password_hash="x",
            role=role,
            created_at=office.now(),
            bureau_id=bureau,
        )
        session.add(user)
        session.flush()
        areas = frozenset(session.scalars(select(Area.id).where(Area.code == area)))
        return Actor(role=role, user_id=user.id, bureau_id=bureau, area_ids=areas)
