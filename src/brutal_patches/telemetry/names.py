"""Names that others rely on: dashboards, alarms and queries are made from these, never from a copy of them."""

EVENT = "event"
CLIENT_ADDRESS = "client_address"
LOG_FIELDS = {
    "timestamp": "when, in UTC with microseconds",
    "level": "`DEBUG`, `INFO`, `WARNING` or `ERROR`",
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
