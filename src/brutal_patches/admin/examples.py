"""Examples of what admins are answered, for the documentation."""

from typing import Any

_MOMENT = "2026-11-24T10:00:00.000000Z"
REBUILT: dict[str, Any] = {
    "message": "The catalogue was read anew.",
    "success": True,
    "results": {"patchesBefore": 610, "patchesAfter": 610, "seconds": 0.2},
}
PATCH_FIGURES: dict[str, Any] = {
    "total": 610,
    "public": 602,
    "private": 7,
    "hidden": 1,
    "forks": 40,
    "rated": 120,
    "votes": 400,
    "averageRating": 4.1,
    "favourites": 310,
    "versions": 900,
    "newThisWeek": 6,
    "newThisMonth": 21,
    "categories": [{"value": "bass", "count": 210}],
    "tags": [{"value": "acid", "count": 31}],
    "authors": [{"value": "ada", "count": 12}],
}
COLLECTION_FIGURES: dict[str, Any] = {
    "total": 30,
    "public": 22,
    "private": 8,
    "empty": 1,
    "averageSize": 9.5,
    "largest": 64,
    "owners": 18,
}
_COUNTS = {
    "newUsers": 2,
    "logins": 31,
    "activeUsers": 19,
    "newPatches": 4,
    "forks": 1,
    "ratings": 9,
    "comments": 3,
    "favourites": 7,
    "newCollections": 1,
}
STATS: dict[str, Any] = {
    "totalUsers": 240,
    "activeUsers": 61,
    "totalPatches": 610,
    "totalCollections": 30,
    "averageRating": 4.1,
    "systemUptime": 86400.5,
    "diskUsage": 12.1,
    "memoryUsage": 17.4,
    "users": {"total": 240, "active": 238, "suspended": 1, "banned": 1},
    "patches": PATCH_FIGURES,
    "collections": COLLECTION_FIGURES,
    "activity": _COUNTS,
}
HEALTH: dict[str, Any] = {
    "status": "ok",
    "timestamp": _MOMENT,
    "service": "brutal-patches-api",
    "version": "1.0.0",
    "uptime": 86400.5,
    "checks": {"database": {"status": "ok", "milliseconds": 3.1}},
    "system": {"cpus": 1},
    "environment": "production",
}
ANALYTICS: dict[str, Any] = {
    "timeRange": "7d",
    "dateFrom": "2026-11-18",
    "dateTo": "2026-11-24",
    "days": [{"date": "2026-11-18", **_COUNTS}],
    "totals": _COUNTS,
}
JOURNAL: dict[str, Any] = {
    "logs": [
        {
            "id": "01k5m0c6xw8v5q0d4y6n2h7j3t",
            "timestamp": _MOMENT,
            "type": "user",
            "action": "user.suspend",
            "subject": "user/01k5m0c6xw8v5q0d4y6n2h7j3t",
            "userId": "01k5m0c6xw8v5q0d4y6n2h7j3s",
            "username": "boss",
            "address": "192.0.2.7",
            "requestId": "01k5m0c6xw8v5q0d4y6n2h7j3r-1f",
            "before": "active",
            "after": "suspended",
            "reason": "Advertising.",
        }
    ],
    "total": 1,
}
SETTINGS: dict[str, Any] = {
    "maintenance": False,
    "message": "",
    "registration": True,
    "rateLimit": None,
    "logLevel": None,
    "version": 3,
    "updatedAt": _MOMENT,
}
EXPORT = {"filename": "brutal-patches-users-2026-11-24.json", "data": "[]", "contentType": "application/json"}
MANY: dict[str, Any] = {
    "message": "1 patches done, 0 refused.",
    "success": True,
    "results": {"done": 1, "failed": 0, "failures": []},
}
MAINTAINED: dict[str, Any] = {
    "message": "Done: recount.",
    "success": True,
    "results": {"recount": {"checked": 610, "repaired": 0}},
}
