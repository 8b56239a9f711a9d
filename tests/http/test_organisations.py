"""Organisations over HTTP, and with them what all simple resources do alike."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

from tests.http.mariupol import Service, codes

PATH = "/v1/organisations"
NEW = {
    "name": "Ukrainian Red Cross Society",
    "short_name": "URCS",
    "kind": "red_cross_red_crescent",
}
MARCH, APRIL, MAY = (f"2022-0{month}-01T00:00:00Z" for month in (3, 4, 5))

FILTERS: list[tuple[dict[str, str], list[str]]] = [
    ({"short_name": "ocha"}, ["OCHA"]),
    ({"kind": "local_authority"}, ["Mariupol"]),
    ({"country": "UKR"}, ["Ukraine", "Mariupol"]),
    ({"parent": "ukraine"}, ["Mariupol"]),
    ({"parent": "nobody"}, []),
    ({"is_belligerent": "true"}, ["Russian MoD", "Ukraine"]),
    ({"iati_id": "XM-DAC-41127"}, ["OCHA"]),
    ({"name": "UN OCHA"}, ["OCHA"]),
]
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"kind": "tank"}, "/kind"),
    ({"name": "call +380 44 123 45 67"}, "/name"),
    ({"name": "write to a.person@example.org"}, "/name"),
    ({"short_name": " "}, "/short_name"),
    ({"short_name": "7f8a1c52-3b0e-4f6d-9a55-0c9d1e2f3a4b"}, "/short_name"),
    ({"country": "UA"}, "/country"),
    ({"iati_id": "not an id"}, "/iati_id"),
    ({"parent": "nobody"}, "/parent"),
    ({"is_belligerent": "yes"}, "/is_belligerent"),
    ({"effective_at": "2122-01-01T00:00:00Z"}, "/effective_at"),
    ({"effective_at": "2022-01-01T00:00:00"}, "/effective_at"),
    ({"basis": "guessed"}, "/basis"),
    ({"nick": "x"}, "/nick"),
]


def given_urcs(service: Service, **fields: Any) -> Any:
    return service.made("administrator", PATH, NEW | {"effective_at": MARCH} | fields)


def address(resource: Any) -> str:
    return f"{PATH}/{resource['id']}"


class TestListOrganisations:
    def test_anonymous_callers_are_asked_to_sign_in(self, service: Service) -> None:
        assert service.get("anonymous", PATH).status_code == 401

    def test_every_signed_in_caller_knows_all_of_them(self, service: Service) -> None:
        for who in ("administrator", "mod", "map_client", "stranger", "auditor"):
            names = [item["short_name"] for item in service.items(who, PATH)]
            assert names == ["OCHA", "ICRC", "Russian MoD", "Ukraine", "Mariupol"]

    def test_filters_pick_now_and_then_alike(self, service: Service) -> None:
        then = service.items("ocha", PATH)[-1]["recorded_at"]
        for query, expected in FILTERS:
            for times in ({}, {"known_at": then}):
                found = service.items("ocha", PATH, **query, **times)
                assert [item["short_name"] for item in found] == expected

    def test_pages_follow_each_other_without_gap_or_repeat(self, service: Service) -> None:
        found: list[str] = []
        path: str | None = f"{PATH}?limit=2"
        while path:
            answer = service.get("ocha", path)
            found += [item["short_name"] for item in answer.json()["items"]]
            path = answer.json()["next"]
            assert ("link" in answer.headers) is (path is not None)
        assert found == ["OCHA", "ICRC", "Russian MoD", "Ukraine", "Mariupol"]

    def test_before_its_recording_it_is_absent(self, service: Service) -> None:
        assert service.items("ocha", PATH, known_at=MAY) == []
        assert service.items("ocha", PATH, as_of=MAY) == []

    def test_a_wrong_question_is_refused(self, service: Service) -> None:
        for query in ("kind=tank", "is_belligerent=1", "nick=x", "country=UA", "name="):
            assert service.get("ocha", f"{PATH}?{query}").status_code == 400


class TestCreateOrganisation:
    def test_an_administrator_makes_one_known(self, service: Service) -> None:
        answer = service.post("administrator", PATH, NEW)
        made = answer.json()
        assert answer.status_code == 201
        assert answer.headers["etag"] == '"1"'
        assert answer.headers["location"] == address(made)
        assert made["country"] is made["parent"] is None
        assert made["recorded_by"] == str(service.ids["OCHA"])
        assert service.get("mod", address(made)).json() == made

    def test_no_other_role_does(self, service: Service) -> None:
        assert service.post("anonymous", PATH, NEW).status_code == 401
        for who in ("ocha", "auditor", "map_client", "stranger"):
            assert service.post(who, PATH, NEW).status_code == 403

    def test_one_key_has_one_effect_and_one_answer(self, service: Service) -> None:
        first, again = (
            service.post("administrator", PATH, NEW, Idempotency_Key="urcs") for _ in range(2)
        )
        assert first.json() == again.json()
        assert first.headers["etag"] == again.headers["etag"]
        assert len(service.items("ocha", PATH, short_name="URCS")) == 1

    def test_a_short_name_is_unique_whatever_its_case(self, service: Service) -> None:
        answer = service.post("administrator", PATH, NEW | {"short_name": "oCHa"})
        assert answer.status_code == 409

    def test_what_is_wrong_is_refused_with_its_place(self, service: Service) -> None:
        for fields, pointer in WRONG:
            answer = service.post("administrator", PATH, NEW | fields)
            assert answer.status_code == 422
            assert codes(answer) == [pointer]
        assert service.items("ocha", PATH, short_name="URCS") == []


class TestReadOrganisation:
    def test_unknown_ones_are_not_found(self, service: Service) -> None:
        unknown = "7f8a1c52-3b0e-4f6d-9a55-0c9d1e2f3a4b"
        for path in (unknown, "x", str(service.ids["mariupol-2022"])):
            answer = service.get("ocha", f"{PATH}/{path}")
            assert answer.status_code == 404
            assert path not in answer.text

    def test_the_past_is_shown_on_both_axes(self, service: Service) -> None:
        first = given_urcs(service)
        path = address(first)
        second = service.edited(
            "administrator", path, {"name": "Red Cross", "effective_at": APRIL}, 1
        )
        assert service.get("ocha", path, as_of=MARCH).json()["name"] == NEW["name"]
        assert service.get("ocha", path, as_of=MAY).json()["name"] == "Red Cross"
        known = service.get("ocha", path, known_at=first["recorded_at"])
        assert (known.json()["name"], known.json()["version"]) == (NEW["name"], 1)
        assert service.get("ocha", path, as_of="2022-02-01T00:00:00Z").status_code == 404
        assert service.get("ocha", path, known_at=MAY).status_code == 404
        assert service.get("ocha", path).json() == second

    def test_the_tag_of_the_past_never_matches(self, service: Service) -> None:
        made = given_urcs(service)
        past = service.get("ocha", address(made), as_of=MAY).headers["etag"]
        answer = service.client.patch(
            address(made),
            json={"name": "x"},
            headers={
                "Authorization": f"Bearer {service.tokens['administrator']}",
                "If-Match": past,
            },
        )
        assert answer.status_code == 412


class TestEditOrganisation:
    def test_an_administrator_changes_what_the_body_names(self, service: Service) -> None:
        made = given_urcs(service, country="UKR")
        answer = service.patch("administrator", address(made), {"country": None}, 1)
        assert answer.status_code == 200
        assert answer.headers["etag"] == '"2"'
        assert answer.json()["country"] is None
        assert answer.json()["name"] == NEW["name"]

    def test_it_needs_the_present_version(self, service: Service) -> None:
        path = address(given_urcs(service))
        assert service.patch("administrator", path, {"name": "x"}).status_code == 428
        assert service.patch("administrator", path, {"name": "x"}, 1).status_code == 200
        assert service.patch("administrator", path, {"name": "y"}, 1).status_code == 412

    def test_no_other_role_does(self, service: Service) -> None:
        path = address(given_urcs(service))
        assert service.patch("anonymous", path, {"name": "x"}, 1).status_code == 401
        assert service.patch("ocha", path, {"name": "x"}, 1).status_code == 403

    def test_unknown_ones_are_not_found(self, service: Service) -> None:
        path = f"{PATH}/7f8a1c52-3b0e-4f6d-9a55-0c9d1e2f3a4b"
        assert service.patch("administrator", path, {"name": "x"}, 1).status_code == 404

    def test_what_changes_nothing_records_nothing(self, service: Service) -> None:
        made = given_urcs(service)
        assert service.edited("administrator", address(made), {"name": NEW["name"]}, 1) == made

    def test_a_required_field_cannot_be_emptied(self, service: Service) -> None:
        answer = service.patch("administrator", address(given_urcs(service)), {"name": None}, 1)
        assert codes(answer) == ["/name"]

    def test_a_late_report_does_not_undo_a_later_fact(self, service: Service) -> None:
        path = address(given_urcs(service))
        service.edited("administrator", path, {"name": "since May", "effective_at": MAY}, 1)
        late = service.edited(
            "administrator",
            path,
            {"name": "since April", "country": "UKR", "effective_at": APRIL},
            2,
        )
        assert (late["name"], late["country"]) == ("since May", "UKR")
        assert service.items("ocha", PATH, name="since May")
        assert service.get("ocha", path, as_of="2022-04-15T00:00:00Z").json()["name"] == (
            "since April"
        )

    def test_it_cannot_change_before_it_began(self, service: Service) -> None:
        body = {"name": "x", "effective_at": "2022-02-01T00:00:00Z"}
        answer = service.patch("administrator", address(given_urcs(service)), body, 1)
        assert codes(answer) == ["/effective_at"]

    def test_one_of_many_writers_wins_each_version(self, service: Service) -> None:
        path = address(given_urcs(service))
        with ThreadPoolExecutor(8) as pool:
            answers = pool.map(
                lambda name: service.patch("administrator", path, {"name": name}, 1), "abcdefgh"
            )
            statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [200, *[412] * 7]


class TestParents:
    def test_an_organisation_never_stands_above_itself(self, service: Service) -> None:
        path = f"{PATH}/{service.ids['Ukraine']}"
        for parent in ("Ukraine", "Mariupol"):
            answer = service.patch("administrator", path, {"parent": parent}, 1)
            assert codes(answer) == ["/parent"]

    def test_not_even_for_a_time_that_is_over(self, service: Service) -> None:
        above = service.made(
            "administrator", PATH, NEW | {"short_name": "A", "effective_at": MARCH}
        )
        below = service.made(
            "administrator", PATH, NEW | {"short_name": "B", "effective_at": MARCH, "parent": "A"}
        )
        freed = {"parent": None, "effective_at": MAY}
        service.edited("administrator", address(below), freed, 1)
        late = {"parent": "B", "effective_at": APRIL}
        assert codes(service.patch("administrator", address(above), late, 1)) == ["/parent"]
        now = {"parent": "B", "effective_at": MAY}
        assert service.patch("administrator", address(above), now, 1).status_code == 200

    def test_concurrent_changes_close_no_circle(self, service: Service) -> None:
        made = [
            service.made("administrator", PATH, NEW | {"short_name": name}) for name in "ABCDEF"
        ]
        circle = [*made, made[0]]
        with ThreadPoolExecutor(6) as pool:
            answers = pool.map(
                lambda pair: service.patch(
                    "administrator", address(pair[0]), {"parent": pair[1]["short_name"]}, 1
                ),
                pairwise(circle),
            )
            statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [*[200] * 5, 422]


class TestCorrections:
    def given_event(self, service: Service, made: Any, sequence: int) -> Any:
        events = service.items("auditor", "/v1/history", subject=made["id"])
        return next(event for event in events if event["sequence"] == sequence)

    def test_a_correction_takes_effect_with_what_it_replaces(self, service: Service) -> None:
        made = given_urcs(service)
        service.edited("administrator", address(made), {"name": "wrong", "effective_at": APRIL}, 1)
        wrong = self.given_event(service, made, 2)
        right = service.edited(
            "administrator", address(made), {"name": "right", "corrects": wrong["id"]}, 2
        )
        assert right["name"] == "right"
        then = {"as_of": "2022-04-15T00:00:00Z"}
        assert service.get("ocha", address(made), **then).json()["name"] == "right"
        before = service.get("ocha", address(made), **then, known_at=wrong["recorded_at"])
        assert before.json()["name"] == "wrong"
        corrected = self.given_event(service, made, 3)
        assert corrected["replaces"] == [{"event": wrong["id"], "aspects": ["name"]}]
        assert corrected["effective_at"] == wrong["effective_at"]

    def test_it_names_an_event_that_set_something_of_it(self, service: Service) -> None:
        made = given_urcs(service)
        service.edited("administrator", address(made), {"name": "x"}, 1)
        named = self.given_event(service, made, 2)["id"]
        body = {"country": "UKR", "corrects": [named]}
        answer = service.patch("administrator", address(made), body, 2)
        assert codes(answer) == ["/corrects/0"]

    def test_it_names_an_event_of_the_same_subject(self, service: Service) -> None:
        made, others = (
            given_urcs(service),
            self.given_event(service, {"id": str(service.ids["OCHA"])}, 1),
        )
        for named in (others["id"], "7f8a1c52-3b0e-4f6d-9a55-0c9d1e2f3a4b"):
            body = {"name": "x", "corrects": [named]}
            answer = service.patch("administrator", address(made), body, 1)
            assert codes(answer) == ["/corrects/0"]

    def test_only_the_organisation_that_recorded_it_corrects(self, service: Service) -> None:
        ukraine = {"id": str(service.ids["Ukraine"])}
        event = self.given_event(service, ukraine, 1)
        body = {"name": "x", "corrects": [event["id"]]}
        assert service.patch("administrator", address(ukraine), body, 1).status_code == 403

    def test_a_correction_of_the_beginning_leaves_no_gap(self, service: Service) -> None:
        made = given_urcs(service)
        named = self.given_event(service, made, 1)["id"]
        late = {"name": "x", "corrects": named, "effective_at": APRIL}
        assert codes(service.patch("administrator", address(made), late, 1)) == ["/effective_at"]
        right = service.edited("administrator", address(made), {"name": "x", "corrects": named}, 1)
        assert right["name"] == "x"
        assert service.get("ocha", address(made), as_of=MARCH).json()["name"] == "x"
