"""Many findings on the two patches: every status, early and late, some near the shared border, some outside."""

from datetime import timedelta

import numpy as np

from casework.history import step
from casework.office import Office
from casework.registration import Entry, Register
from db.models import STATUSES
from tests.factories.city import TwoPatches

TEXTS = (
    ("小杨超市", "树林巷 12 号", "占用人行道，盲道被堵"),
    ("", "Bazaar Road 5", "100% blocked, at the_corner"),
    ("", "", "Rubbish heap"),
)


def crowd(office: Office, made: TwoPatches, n: int, *, seed: int = 1) -> list[int]:
    """Put ``n`` findings on record and return their ids."""
    random = np.random.default_rng(seed)
    now = office.now()
    codes = ("0102", "0105", "01")
    entries = []
    for i in range(n):
        reported = now - timedelta(minutes=int(random.integers(0, 120 * 1440)))
        subject, place, description = TEXTS[i % len(TEXTS)]
        lon = 101.5 if i % 17 == 0 else float(random.uniform(100.95, 102.05).__round__(7))
        entries.append(
            Entry(
                category_id=made.categories[codes[int(random.integers(0, 3))]],
                lon=lon,
                lat=float(random.uniform(36.1, 36.9).__round__(7)),
                reported_at=reported,
                due_at=None if i % 7 == 0 else now + timedelta(minutes=int(random.integers(-3000, 3000))),
                closed_at=reported + timedelta(hours=5) if i % 13 == 6 else None,
                status=STATUSES[i % len(STATUSES)],
                subject=subject,
                place=place,
                description=description,
                steps=[step("report", reported, to_status="reported")],
            )
        )
    with office.database.write() as session:
        register = Register(session, "Asia/Shanghai", office.settings.near_m)
        return [finding_id for finding_id, _ in register.add(entries)]
