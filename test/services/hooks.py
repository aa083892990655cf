"""Which of its requests Schemathesis leaves out, and why."""

import os

import schemathesis

KEPT = os.environ["TILTH_KEPT_KEY"].split(",")


@schemathesis.hook
def filter_case(context, case):
    # HTTP has headers without end, and every server passes over those it does not know.
    if any("unknown-property" in name.lower() for name in case.headers or {}):
        return False
    # The key that all requests come with: without it there would be nothing left to ask.
    path = case.path_parameters or {}
    return not (case.method == "DELETE" and path.get("key") in KEPT)


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """A machine that is busy with others may turn a request away: as long as it says when to come back, that is no fault."""
    return not (response.status_code == 503 and "retry-after" in {name.lower() for name in response.headers})
