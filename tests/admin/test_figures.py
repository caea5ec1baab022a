"""Figures: of known data, exactly."""

from datetime import timedelta

from brutal_patches.app import Service
from brutal_patches.audit import daily
from brutal_patches.storage import keys
from brutal_patches.storage.operations import Put
from tests.admin.conftest import id_of
from tests.client import Client

MOST = {"newUsers": 3, "logins": 5, "activeUsers": 3, "newPatches": 4, "forks": 1, "ratings": 2}
COUNTS = MOST | {"comments": 1, "favourites": 1, "newCollections": 2}


async def evening(ada: Client, robin: Client) -> list[int]:
    """Three users are there; four patches are made, one private, one a fork; some of it is liked."""
    ids = [(await ada.create(title, **more))["id"] for title, more in PATCHES]
    ids.append((await robin.post(f"/api/patches/{ids[0]}/fork", {})).json()["id"])
    await robin.put(f"/api/patches/{ids[0]}/rating", {"rating": 5})
    await robin.put(f"/api/patches/{ids[0]}/rating", {"rating": 4})
    await ada.put(f"/api/patches/{ids[3]}/rating", {"rating": 3})
    await robin.put(f"/api/patches/{ids[0]}/favourite")
    await robin.post(f"/api/patches/{ids[0]}/comments", {"text": "Deep."})
    await ada.post("/api/patches/collections", {"name": "Basses", "patchIds": ids[:2]})
    await robin.post("/api/patches/collections", {"name": "Mine", "isPublic": False})
    await robin.log_in("robin")
    return ids


PATCHES: list[tuple[str, dict[str, object]]] = [
    ("Sub", {"category": "bass", "tags": ["deep", "acid"]}),
    ("Lead", {"category": "lead", "tags": ["acid"]}),
    ("Secret", {"isPublic": False}),
]


async def test_stats_are_what_was_made(boss: Client, ada: Client, robin: Client) -> None:
    """Every count of them."""
    await evening(ada, robin)
    stats = (await boss.get("/api/admin/stats")).json()
    assert (3, 3, 4, 2, 3.5) == tuple(
        stats[name] for name in ("totalUsers", "activeUsers", "totalPatches", "totalCollections", "averageRating")
    )
    assert 0 < stats["memoryUsage"] < 100
    assert 0 < stats["diskUsage"] <= 100
    assert 0 < stats["systemUptime"]
    assert (3, 3, 0, 1, 3) == tuple(
        stats["users"][name] for name in ("total", "active", "suspended", "admins", "newThisWeek")
    )
    assert COUNTS == stats["activity"]


async def test_patches_are_counted(boss: Client, ada: Client, robin: Client) -> None:
    """By all they can be counted by."""
    ids = await evening(ada, robin)
    await boss.post("/api/admin/patches/bulk", {"operation": "moderate", "patchIds": [ids[1]]})
    found = (await boss.get("/api/admin/patches/stats")).json()
    assert {
        "total": 4,
        "public": 2,
        "private": 1,
        "hidden": 1,
        "forks": 1,
        "rated": 2,
        "votes": 2,
        "averageRating": 3.5,
        "favourites": 1,
        "versions": 4,
        "newThisWeek": 4,
        "newThisMonth": 4,
        "categories": [
            {"value": "bass", "count": 2},
            {"value": "lead", "count": 1},
            {"value": "none", "count": 1},
        ],
        "tags": [{"value": "acid", "count": 3}, {"value": "deep", "count": 2}],
        "authors": [{"value": "ada", "count": 3}, {"value": "robin", "count": 1}],
    } == found


async def test_collections_are_counted(boss: Client, ada: Client, robin: Client) -> None:
    """Private ones too."""
    await evening(ada, robin)
    assert {
        "total": 2,
        "public": 1,
        "private": 1,
        "empty": 1,
        "averageSize": 1.0,
        "largest": 2,
        "owners": 2,
    } == (await boss.get("/api/admin/collections/stats")).json()


async def test_analytics_by_day(boss: Client, ada: Client, robin: Client, service: Service) -> None:
    """Today is the last of seven days, and the only one on which something happened."""
    await evening(ada, robin)
    found = (await boss.get("/api/admin/analytics?timeRange=7d")).json()
    today = service.parts.clock.now().date()
    assert [(today - timedelta(days=back)).isoformat() for back in range(6, -1, -1)] == [
        day["date"] for day in found["days"]
    ]
    assert COUNTS == found["totals"]
    assert COUNTS | {"date": today.isoformat()} == found["days"][-1]
    assert not any(sum(list(day.values())[1:]) for day in found["days"][:-1])
    lengths = {"30d": 30, "90d": 90, "1y": 365}
    for name, days in lengths.items():
        assert days == len((await boss.get(f"/api/admin/analytics?timeRange={name}")).json()["days"])
    assert 400 == (await boss.get("/api/admin/analytics?timeRange=2d")).status_code


async def test_days_before_today_are_filled_from_what_is_there(boss: Client, ada: Client, service: Service) -> None:
    """Logins, which leave no trace, stay as they were counted."""
    table = service.parts.table
    await table.write(daily.happened(_DaysAgo(service, 3), "logins", "patches", "comments"))
    patch = await ada.create("Old")
    item = await table.get(keys.patch(patch["id"]))
    day = (service.parts.clock.now() - timedelta(days=3)).isoformat()[:10]
    await table.write(Put(keys.patch(patch["id"]), {**(item or {}), "created_at": f"{day}T10:00:00.000000Z"}))
    for expected in (1, 0):
        done = (await boss.post("/api/admin/maintenance", {"tasks": ["analytics"]})).json()
        assert expected == done["results"]["analytics"]["filled"]
    days = (await boss.get("/api/admin/analytics?timeRange=7d")).json()["days"]
    assert (day, 1, 1, 0) == (days[3]["date"], days[3]["newPatches"], days[3]["logins"], days[3]["comments"])


class _DaysAgo:
    """The service's clock, some days back."""

    def __init__(self, service: Service, days: int) -> None:
        self._clock = service.parts.clock
        self._back = timedelta(days=days)

    def now(self):  # type: ignore[no-untyped-def]
        return self._clock.now() - self._back

    def random(self, size: int) -> bytes:
        return self._clock.random(size)


async def test_health_for_admins(boss: Client) -> None:
    """Every dependency is really asked."""
    found = (await boss.get("/api/admin/health")).json()
    assert ("ok", {"database", "catalogue"}) == (found["status"], set(found["checks"]))


async def test_the_journal_is_read_newest_first(boss: Client, ada: Client, service: Service) -> None:
    """Filtered, page by page, and in bounded days."""
    for title in ("One", "Two", "Three"):
        patch = await ada.create(title)
        await ada.delete(f"/api/patches/{patch['id']}")
    found = (await boss.get("/api/admin/logs?type=patch&limit=2&offset=1")).json()
    assert (3, ["Two", "One"]) == (found["total"], [line["before"]["title"] for line in found["logs"]])
    line = found["logs"][0]
    assert ("patch.deleted", "ada", "192.0.2.1", await id_of(service, "ada")) == (
        line["action"],
        line["username"],
        line["address"],
        line["userId"],
    )
    about = (await boss.get(f"/api/admin/logs?subject={line['subject']}")).json()
    assert 1 == about["total"]
    assert 0 == (await boss.get("/api/admin/logs?dateFrom=2020-01-01&dateTo=2020-12-31")).json()["total"]
    assert 400 == (await boss.get("/api/admin/logs?dateFrom=2020-01-01&dateTo=2022-01-01")).status_code
    assert 400 == (await boss.get("/api/admin/logs?dateFrom=yesterday")).status_code
