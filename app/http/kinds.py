"""The kinds of problem that an answer can report: status, title, meaning, and what to do next.

`docs/reference/problems.md` has one section for each, and `/problems/{slug}` shows it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of problem; its slug is its stable name."""

    slug: str
    status: int
    title: str
    meaning: str
    advice: str


_KINDS = (
    Kind(
        slug="unreadable-json",
        status=400,
        title="The body cannot be read",
        meaning="The body is not one JSON document in UTF-8, holds a number that is not finite, "
        "a repeated key, a lone surrogate or a NUL character, is nested more than 32 deep, or holds "
        "more than 50,000 values or an object of more than 1,000 members.",
        advice="Read `errors`: each entry says where and what was found. Nothing was stored.",
    ),
    Kind(
        slug="unreadable-request",
        status=400,
        title="A parameter or header cannot be read",
        meaning="A query parameter is unknown, repeated, empty or wrong, or a header has a form "
        "that it cannot have. A misspelt parameter is never passed over: `as_off` would "
        "otherwise answer the present in place of the past.",
        advice="Read `errors`: `query/limit` names the parameter `limit`, `header/If-Match` "
        "the header `If-Match`. In a query, write `+` as `%2B`. Nothing was stored.",
    ),
    Kind(
        slug="sign-in-needed",
        status=401,
        title="A valid token is needed",
        meaning="The request holds no token where one is needed, or one that is unknown, revoked "
        "or not of the form `Authorization: Bearer <token>`.",
        advice="Send a valid token. An administrator issues them.",
    ),
    Kind(
        slug="not-allowed",
        status=403,
        title="This is not yours to do",
        meaning="You may know of this, but your role or your organisation may not do it.",
        advice="Ask a principal who may; `detail` says who that is where it can. "
        "Nothing was stored.",
    ),
    Kind(
        slug="not-found",
        status=404,
        title="There is nothing here",
        meaning="No such thing exists, or you may not know of it, or it did not exist at the time "
        "that you asked about. The answer is the same in all three cases.",
        advice="Check the address, the token and `as_of` and `known_at`.",
    ),
    Kind(
        slug="not-signed",
        status=503,
        title="The log has no checkpoint yet",
        meaning="No checkpoint was signed since the service first started, or since something was "
        "erased; or no worker signs.",
        advice="Ask again in a second. If it stays so, have the operator look at the service's "
        "log and at `PASSAGE_LOG_SIGNS`.",
    ),
    Kind(
        slug="log-contradicted",
        status=503,
        title="The log is not the one that was vouched for",
        meaning="The database holds fewer entries than the last checkpoint that this service "
        "signed, or other ones, or an event that the log does not know: it was restored from an older "
        "state, or changed.",
        advice="Keep the checkpoint that you hold: it is evidence. `detail` says what was found. "
        "Nothing more is signed or exported until the operator has put it right.",
    ),
    Kind(
        slug="method-not-allowed",
        status=405,
        title="This address has no such method",
        meaning="The address exists, but not for this method.",
        advice="The header `Allow` lists the methods that it has.",
    ),
    Kind(
        slug="conflict",
        status=409,
        title="The record stands against this",
        meaning="The move does not exist from the present status, or the change would "
        "contradict one that is already on record.",
        advice="Read the present state and its history, then decide again. Nothing was stored.",
    ),
    Kind(
        slug="idempotency-conflict",
        status=409,
        title="This Idempotency-Key was used for another request",
        meaning="A key stands for one request: one method, one address, one body.",
        advice="Repeat the first request exactly, or choose a new key. Nothing new was stored.",
    ),
    Kind(
        slug="stale-version",
        status=412,
        title="It has changed since you read it",
        meaning="`If-Match` does not name the present version. Weak tags, tags of answers about "
        "the past and `*` never match.",
        advice="Read it again, look at what has changed, and send the `ETag` of that answer. "
        "Nothing was stored.",
    ),
    Kind(
        slug="too-large",
        status=413,
        title="The body is too large",
        meaning="A body may hold 2 MiB at most.",
        advice="Send less in one request. Nothing was stored.",
    ),
    Kind(
        slug="wrong-type",
        status=415,
        title="The body is of another type",
        meaning="Bodies are JSON in UTF-8, not compressed.",
        advice="Send `Content-Type: application/json` (of a PATCH also "
        "`application/merge-patch+json`) and no `Content-Encoding`. Nothing was stored.",
    ),
    Kind(
        slug="invalid",
        status=422,
        title="The body can be read, but is not right",
        meaning="A member is missing, unknown, or not of the kind that is expected there.",
        advice="Read `errors`: `pointer` (RFC 6901) names the member, `message` says what was "
        "found and what is expected. Nothing was stored.",
    ),
    Kind(
        slug="unmet-conditions",
        status=422,
        title="Conditions are still missing",
        meaning="The move exists, but not everything that it needs is there.",
        advice="Read `unmet`: it lists every missing condition and what to do about it. "
        "Nothing was stored.",
    ),
    Kind(
        slug="refused-by-rule",
        status=422,
        title="A rule says no",
        meaning="The request can be read, but a rule of the domain refuses it.",
        advice="Read `detail`: it says which rule, and what would be accepted. Nothing was stored.",
    ),
    Kind(
        slug="version-missing",
        status=428,
        title="Say which version you are changing",
        meaning="This change needs `If-Match` with the version that you read, so that nobody "
        "overwrites what another has just written.",
        advice="Read it, and send the `ETag` of that answer as `If-Match`. Nothing was stored.",
    ),
    Kind(
        slug="too-many-requests",
        status=429,
        title="Too many requests",
        meaning="More requests came than this service answers for one caller.",
        advice="Wait as many seconds as `Retry-After` says. Nothing was stored.",
    ),
    Kind(
        slug="internal-error",
        status=500,
        title="The service made a mistake",
        meaning="Something went wrong that is not your doing. The change was not acknowledged.",
        advice="Read the history of the subject before you try again, or repeat the request with "
        "the same `Idempotency-Key`. Tell the operator the time.",
    ),
    Kind(
        slug="outcome-unknown",
        status=503,
        title="The outcome is unknown",
        meaning="The connection to the database was lost while the change was being stored: it "
        "may be stored, or not.",
        advice="Repeat the request with the same `Idempotency-Key`, or read the history of the "
        "subject. Do not act as if it had failed.",
    ),
    Kind(
        slug="unavailable",
        status=503,
        title="The database does not answer",
        meaning="The database is away or too busy, or more requests wait for it than it can answer "
        "soon; `detail` says which.",
        advice="Nothing was stored; try again after the seconds that `Retry-After` says.",
    ),
    Kind(
        slug="too-many-files",
        status=503,
        title="Too many files are being sent",
        meaning="One worker sends 8 files at once, 4 of them to one token, or to all who have none "
        "together: each takes memory while it is made.",
        advice="Wait until one has ended, or as many seconds as `Retry-After` says; a list in pages "
        "has no such bound.",
    ),
    Kind(
        slug="not-ready",
        status=503,
        title="The service is not ready",
        meaning="Something that the service needs is missing.",
        advice="Read `missing`; an operator can put it right, often with `passage migrate`.",
    ),
)

KINDS: dict[str, Kind] = {kind.slug: kind for kind in _KINDS}
"""Every kind by its slug."""
