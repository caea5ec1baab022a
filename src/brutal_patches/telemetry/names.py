"""Names that others rely on: dashboards, alarms and queries are made from these, never from a copy of them."""

import msgspec

NAMESPACE = "BrutalPatches/API"
"""Where CloudWatch keeps what the collector writes."""

STAGE = "stage"
"""The dimension that every metric has in CloudWatch; the collector adds it, because stages may share an account."""


class Metric(msgspec.Struct, frozen=True):
    """A metric's labels, and by which sets of them CloudWatch keeps it, each with the stage: a set costs money."""

    meaning: str
    labels: tuple[str, ...] = ()
    dimensions: tuple[tuple[str, ...], ...] = ((),)

    def observed_by(self, labels: frozenset[str]) -> bool:
        """Whether CloudWatch keeps it by just these labels."""
        return labels in map(frozenset, self.dimensions)


METRICS = {
    "http_requests_total": Metric(
        "requests that were answered", ("method", "route", "status_code"), ((), ("route",), ("status_code",))
    ),
    "http_request_duration_seconds": Metric("how long they took", ("method", "route"), ((), ("route",))),
    "errors_total": Metric("answers of 400 and more", ("type", "severity"), ((), ("type",), ("severity",))),
    "database_query_duration_seconds": Metric(
        "how long DynamoDB took, retries included",
        ("operation", "table"),
        ((), ("operation",), ("operation", "table")),
    ),
    "cache_operations_total": Metric(
        "questions to the caches `express`, `catalogue` and `token`: `hit`, `miss`, `stale`",
        ("operation", "result"),
        (("operation", "result"),),
    ),
    "active_connections": Metric("requests that are being worked on"),
    "jwt_tokens_issued_total": Metric("tokens handed out: `access`, `refresh`", ("type",)),
    "jwt_tokens_rejected_total": Metric(
        "tokens refused: `expired`, `invalid`, `revoked`, `reused`", ("reason",), ((), ("reason",))
    ),
    "auth_events_total": Metric("security events, under the names of the log", ("event",), ((), ("event",))),
    "patch_operations_total": Metric("changes to patches and all about them", ("operation",), ((), ("operation",))),
    "user_operations_total": Metric("changes to accounts, logins included", ("operation",), ((), ("operation",))),
    "catalogue_patches": Metric("patches in memory"),
    "catalogue_age_seconds": Metric("since memory agreed with the table"),
    "catalogue_drift": Metric("patches that differed at the last comparison with the table"),
    "hashing_queue": Metric("passwords that wait for a thread"),
    "rendering_queue": Metric("pictures that wait for the thread that makes them"),
    "event_loop_lag_seconds": Metric("the longest that a turn of the loop was late in the last minute"),
    "process_cpu_seconds_total": Metric("CPU time of the process"),
    "process_memory_bytes": Metric("memory that the process has now"),
    "telemetry_dropped_total": Metric(
        "what was lost on its way: `spans`, `metrics` (readings), `lines`; the queue was `full` or it was `refused`",
        ("signal", "reason"),
    ),
}
"""Every metric under its name in Prometheus and CloudWatch. Instruments leave the end of the name to the exporter."""

EVENT = "event"
CLIENT_ADDRESS = "client_address"
LOG_FIELDS = {
    "timestamp": "when, in UTC, to the microsecond",
    "level": "`DEBUG`, `INFO`, `WARNING`, `ERROR` or `CRITICAL`",
    "message": "what happened, for people",
    "logger": "the module or library that says so; not in the line of a request",
    EVENT: "`request`, or a security event; absent elsewhere",
    "method": "of a request",
    "route": "its route's template, `unrouted` where there is none",
    "path": "its path, where the route has parameters and the path holds no e-mail address; never the query string",
    "status": "of the answer; 499 where the client had gone",
    "duration_ms": "from the first byte of the request to the last of the answer, in milliseconds",
    "request_id": "the `x-request-id` of the answer; the same in every line of a request",
    "trace_id": "in X-Ray's form, where a load balancer, a caller or we began a trace",
    "sampled": "true where that trace is in X-Ray",
    "user_id": "who was logged in, by id; never by name or e-mail address",
    CLIENT_ADDRESS: "the client's IP address",
    "reason": "of a security event, where there is more to say",
    "exception": "the traceback of an error",
}
"""Every field that a line of the log can have, and what it says."""
