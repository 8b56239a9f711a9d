"""Whatever is sent, the answer says what is wrong and where, and nothing is stored."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from httpx2 import Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.policy import shape
from tests.http.test_matrix import BODIES, COLUMNS, EXPECTED, Stage, given_stage, version_headers
from tests.http.world import World
from tests.http.worlds import Worlds

pytestmark = pytest.mark.signs

WRITES = [(m, t) for m, t in EXPECTED if m in ("POST", "PUT", "PATCH")]
READS = [t for m, t in EXPECTED if m == "GET"]

_DEEP = b'{"a":' + b"[" * 32 + b"]" * 32 + b"}"
LARGE = b'{"a":"' + b"x" * (2 * 1024 * 1024 - 7) + b'"}'

UNREADABLE: dict[str, bytes] = {
    "no number": b'{"basis": NaN}',
    "no end of numbers": b'{"basis": Infinity}',
    "no end below": b'{"basis": -Infinity}',
    "a number beyond all": b'{"basis": 1e999}',
    "a number of 500 digits": b'{"basis": ' + b"9" * 500 + b"}",
    "a number past 2**53": b'{"basis": 9007199254740993}',
    "a repeated key": b'{"basis": "stated", "basis": "stated"}',
    "a key repeated by an escape": b'{"basis": "stated", "b\\u0061sis": "stated"}',
    "a key repeated below": b'{"a": [{"b": 1, "b": 1}]}',
    "33 deep": _DEEP,
    "0.6 MB of brackets": b"[" * 600_000,
    "0.6 MB of closed brackets": b"[" * 300_000 + b"]" * 300_000,
    "0.6 MB of objects": b'{"a":' * 120_000,
    "a lone surrogate": b'{"basis": "\\ud800"}',
    "a lone surrogate in a key": b'{"\\udc00": 1}',
    "bytes that are no text": b"\xff\xfe\x00\x01",
    "broken UTF-8": b'{"basis": "\xc3\x28"}',
    "UTF-16": '{"basis": "stated"}'.encode("utf-16"),
    "half an object": b'{"basis":',
    "two objects": b"{}{}",
    "a comment": b"{} // nothing",
    "single quotes": b"{'basis': 'stated'}",
    "a control character": b'{"basis": "a\x00b"}',
    "blanks": b"   ",
}

NO_OBJECT: dict[str, bytes] = {
    "an array": b"[]",
    "text": b'"text"',
    "a number": b"7",
    "null": b"null",
    "true": b"true",
    "an unknown member": b'{"unheard_of": 1}',
    "an unknown member with a hostile name": json.dumps({"/~\u202e": 1}).encode(),
}

OTHER_TYPES = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data",
               "application/xml", "application/json; charset=utf-16", ""]  # fmt: skip

NO_TEXT: list[Any] = [5, True, [], {}]
TO_REACH_SOMEBODY = ["+380 50 123 45 67", "ivan.petrenko@example.org"]
HOSTILE_TEXT = ["a\u0000b", "x" * 30_000, "   ", "\u202e", *TO_REACH_SOMEBODY]
WRONG: dict[str, list[Any]] = {
    "string": [*NO_TEXT, *HOSTILE_TEXT],
    "choice": [5, True, [], {}, "nonsense", "a\u0000b"],
    "date-time": [1651287600, True, [], "2022-04-30T06:00:00", "2022-04-30", "yesterday",
                  "2022-02-30T00:00:00Z", "10000-01-01T00:00:00Z"],
    "date": [5, True, [], "2022-02-30", "30.04.2022", "2022-04-30T00:00:00Z"],
    "uuid": [5, True, [], "1", "{7f8a1c52-3b0e-4f6d-9a55-0c9d1e2f3a4b}"],
    "integer": ["5", True, 1.5, [], -(2**40)],
    "boolean": [1, 0, "true", []],
    "object": [5, True, "text", []],
    "array": [5, True, {}],
}  # fmt: skip
"""By the kind of a member: what it may not be."""


def who_may(method: str, template: str) -> str:
    """Name somebody who may do what the route does."""
    row = dict(zip(COLUMNS, EXPECTED[(method, template)], strict=True))
    who = next(who for who, status in row.items() if status < 300 and who != "anonymous")
    return who if who == "administrator" else f"matrix-{who}"


def send(stage: Stage, method: str, template: str, content: bytes, **headers: str) -> Response:
    """Send bytes as somebody who may do what the route does; headers with underscores."""
    address = stage.address(template)
    token = stage.world.tokens[who_may(method, template)]
    sent = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return stage.world.client.request(method, address, content=content, headers=sent)


def version(stage: Stage, method: str, template: str) -> dict[str, str]:
    """Name the present version, where the route asks for it."""
    address, voice = stage.address(template), who_may(method, template)
    return version_headers(stage, method, template, address, voice)


def problem_of(answer: Response) -> Any:
    """Give the problem document of an answer that must be one."""
    assert answer.status_code < 500, answer.text
    assert answer.status_code >= 400, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert {"type", "title", "status", "detail"} <= set(problem)
    assert "instance" not in problem
    assert problem["status"] == answer.status_code
    assert problem["type"].startswith("/problems/")
    return problem


def bodies(stage: Stage, method: str, template: str) -> dict[str, Any]:
    """Give a body that is right but for what a test changes in it."""
    if template.endswith("/status-changes"):
        if template.startswith("/v1/corridors"):
            return {"to": "cancelled"}
        return {"to": "superseded"}  # no stop: those drop what is wrong in place of refusing it
    body: dict[str, Any] = BODIES[(method, template)](stage)
    return body


def schema_of(stage: Stage, method: str, template: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the schema of a route's body, and all schemas."""
    document = stage.world.by("anonymous").read("/openapi.json")
    paths = {shape(path): methods for path, methods in document["paths"].items()}
    content = paths[shape(template)][method.lower()]["requestBody"]["content"]
    schemas: dict[str, Any] = document["components"]["schemas"]
    return resolved(next(iter(content.values()))["schema"], schemas), schemas


def resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    return schema


def members(
    schema: dict[str, Any], schemas: dict[str, Any], wrap: Any = lambda value: value, at: str = ""
) -> Iterator[tuple[str, str, Any]]:
    """Walk the members of a body: where each is, its kind, and how to put a value there."""
    schema = resolved(schema, schemas)
    options = [resolved(o, schemas) for o in schema.get("anyOf", [])]
    options = [o for o in options if o.get("type") != "null"]
    if len(options) == 1:
        yield from members(options[0], schemas, wrap, at)
    elif options:
        return
    elif "enum" in schema or "const" in schema:
        yield at, "choice", wrap
    elif schema.get("type") == "array":
        yield at, "array", wrap
        if "items" not in schema:
            return
        yield from members(schema["items"], schemas, lambda v: wrap([v]), f"{at}/0")
    elif schema.get("properties"):
        if at:
            yield at, "object", wrap
        usual = {n: _usual(schema["properties"][n], schemas) for n in schema.get("required", [])}
        for name, below in schema["properties"].items():
            put = _putting(wrap, usual if at else {}, name)
            yield from members(below, schemas, put, f"{at}/{name}")
    elif schema.get("type") in ("string", "integer", "boolean", "object"):
        yield at, schema.get("format", schema["type"]), wrap


def _putting(wrap: Any, usual: dict[str, Any], name: str) -> Any:
    return lambda value: wrap({**usual, name: value})


def _usual(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """Give a value that fits a required member of something nested."""
    schema = resolved(schema, schemas)
    return schema["enum"][0] if "enum" in schema else "UN OCHA"


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("method", "template"), WRITES)
def test_what_is_no_strict_json_is_refused_and_nothing_is_stored(
    world: World, method: str, template: str
) -> None:
    stage = given_stage(world)
    before = world.events()
    for name, raw in UNREADABLE.items():
        problem = problem_of(send(stage, method, template, raw))
        assert problem["status"] == 400, name
        assert problem["type"] == "/problems/unreadable-json", name
    assert world.events() == before
    assert world.by("anonymous").get("/healthz").status_code == 200


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("method", "template"), WRITES)
def test_a_body_of_more_than_two_mebibytes_is_refused(
    world: World, method: str, template: str
) -> None:
    stage = given_stage(world)
    before = world.events()
    assert len(LARGE) == 2 * 1024 * 1024 + 1
    assert problem_of(send(stage, method, template, LARGE))["status"] == 413
    assert world.events() == before


@pytest.mark.parametrize(("method", "template"), WRITES)
def test_what_is_no_object_of_known_members_is_refused(
    world: World, method: str, template: str
) -> None:
    stage = given_stage(world)
    before = world.events()
    for name, raw in NO_OBJECT.items():
        problem = problem_of(send(stage, method, template, raw))
        assert problem["status"] == 422, name
        assert problem["errors"], name
    last = problem_of(send(stage, method, template, NO_OBJECT["an unknown member"]))
    assert "/unheard_of" in [error["pointer"] for error in last["errors"]]
    assert world.events() == before


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("method", "template"), WRITES)
def test_another_type_than_json_is_refused(world: World, method: str, template: str) -> None:
    stage = given_stage(world)
    raw = json.dumps(bodies(stage, method, template)).encode()
    before = world.events()
    for kind in OTHER_TYPES:
        assert problem_of(send(stage, method, template, raw, Content_Type=kind))["status"] == 415
    packed = send(stage, method, template, raw, Content_Encoding="gzip")
    assert problem_of(packed)["status"] == 415
    assert world.events() == before


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("method", "template"), WRITES)
def test_every_member_refuses_what_it_may_not_be_and_is_pointed_at(
    world: World, method: str, template: str
) -> None:
    stage = given_stage(world)
    schema, schemas = schema_of(stage, method, template)
    body, before = bodies(stage, method, template), world.events()
    present = version(stage, method, template)
    found = list(members(schema, schemas))
    assert found
    for pointer, kind, put in found:
        for value in WRONG[kind]:
            if pointer == "/contact_channel" and value in TO_REACH_SOMEBODY:
                continue  # a duty desk's own field, for the operational audience only
            raw = json.dumps(body | put(value)).encode()
            answer = send(stage, method, template, raw, **present)
            problem = problem_of(answer)
            told = f"{pointer} as {value!r:.60}: {answer.text:.300}"
            unstorable = isinstance(value, str) and "\0" in value
            assert problem["status"] == (400 if unstorable else 422), told
            pointers = [error["pointer"] for error in problem.get("errors", [])]
            # a shape is judged whole, so its place may be that of the shape
            near = [p for p in pointers if p and (p.startswith(pointer) or pointer.startswith(p))]
            assert near, told
    assert world.events() == before


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
@pytest.mark.parametrize("template", READS)
def test_a_query_that_is_not_understood_is_refused(world: World, template: str) -> None:
    stage = given_stage(world)
    voice = world.by(who_may("GET", template))
    address = stage.address(template)
    for query in ("as_off=2022-04-30T00:00:00Z", "x=", "=1", "as_of=2022-04-30T00:00:00",
                  "as_of=yesterday", "as_of=", "known_at=1651287600", "limit=0", "limit=1001",
                  "limit=ten", "limit=1.0", "cursor=!", "cursor=W10", "as_of=%00",
                  "known_at=2022-04-30T00:00:00Z&known_at=2022-04-30T00:00:00Z"):  # fmt: skip
        answer = voice.get(f"{address}?{query}")
        if template.endswith(("/items", "/versions")) and query == "limit=1001":
            assert answer.status_code == 200  # by the standard of these too many are capped
            continue
        problem = problem_of(answer)
        assert problem["status"] == 400, query
        assert problem["errors"], query


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("method", "template"), WRITES)
def test_a_query_on_a_write_is_refused(world: World, method: str, template: str) -> None:
    stage = given_stage(world)
    before = world.events()
    for query in ("dry_run=1", "as_of=2022-04-30T00:00:00Z"):
        address = f"{stage.address(template)}?{query}"
        answer = world.by(who_may(method, template)).call(
            method, address, bodies(stage, method, template)
        )
        assert problem_of(answer)["status"] == 400
    assert world.events() == before


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("idempotency_key", "with blanks in it", 400),
        ("idempotency_key", "x" * 201, 400),
        ("idempotency_key", "", 400),
        ("if_match", "7", 400),
        ("if_match", '"', 400),
        ("if_match", '"7",,"8"', 400),
        ("if_match", '"' + "7" * 5000 + '"', 400),
        ("Authorization", "Basic b2NoYQ==", 401),
        ("Authorization", "Bearer", 401),
        ("Authorization", "Bearer sp_" + "x" * 43, 401),
        ("Authorization", "Bearer " + "x" * 10_000, 401),
    ],
)
def test_a_header_that_is_not_understood_is_refused(
    world: World, header: str, value: str, status: int
) -> None:
    stage = given_stage(world)
    template = "/v1/agreements/{agreement_id}"
    before = world.events()
    sent = version(stage, "PATCH", template) | {header: value}
    answer = send(stage, "PATCH", template, b'{"title": "Other"}', **sent)
    assert problem_of(answer)["status"] == status
    assert world.events() == before


_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.sampled_from(
        ["UN OCHA", "confirmed", "suspended", "agreed", "2022-04-30T00:00:00Z", "un", "UKR",
         "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z", "Europe/Kyiv", "low", "00000000-"
         "0000-0000-0000-000000000000", "inferred", "purpose", "meeting"]
    ),
)  # fmt: skip
_VALUES = st.recursive(
    _LEAVES,
    lambda below: st.one_of(
        st.lists(below, max_size=3), st.dictionaries(st.text(max_size=8), below, max_size=3)
    ),
    max_leaves=6,
)


_KEPT = {"members", "slug", "short_name"}
"""What these tests need to stay as it is."""


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
@pytest.mark.parametrize(("method", "template"), WRITES)
def test_no_body_made_of_known_members_breaks_the_service(
    worlds: Worlds, dialect: str, method: str, template: str
) -> None:
    world = worlds.lend(dialect, "made up", signs=True)
    stage = given_stage(world)
    schema, _ = schema_of(stage, method, template)
    names = st.sampled_from(sorted(set(schema["properties"]) - _KEPT))

    @given(changes=st.dictionaries(names, _VALUES, min_size=1, max_size=4), whole=st.booleans())
    @settings(max_examples=8, database=None, suppress_health_check=list(HealthCheck))
    def send_one(changes: dict[str, Any], whole: bool) -> None:
        base = bodies(stage, method, template) if whole else {}
        before = world.events()
        raw, present = json.dumps(base | changes).encode(), version(stage, method, template)
        answer = send(stage, method, template, raw, **present)
        if answer.status_code >= 300:
            problem_of(answer)
            assert world.events() == before

    send_one()
