"""Sources over HTTP: evidence, known within its operation."""

from typing import Any

from tests.http.mariupol import Service, codes

PATH = "/v1/sources"
NEW: dict[str, Any] = {
    "operation": "mariupol-2022",
    "publisher": "United Nations",
    "title": "Readout of the meeting of 26 April 2022",
    "kind": "un",
    "published_at": "2022-04-26T18:00:00+03:00",
    "published_at_tz": "Europe/Moscow",
    "address": "https://www.un.org/sg/en/content/sg/readout",
    "sha256": "0" * 64,
    "reliability": "A",
    "credibility": 2,
}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"operation": "nowhere"}, "/operation"),
    ({"operation": "sumy-2022"}, "/operation"),
    ({"kind": "rumour"}, "/kind"),
    ({"title": "call +380 44 123 45 67"}, "/title"),
    ({"publisher": "a.person@example.org"}, "/publisher"),
    ({"published_at": "2022-04-26T18:00:00"}, "/published_at"),
    ({"published_at": "2122-04-26T18:00:00Z"}, "/published_at"),
    ({"published_at_tz": "Moscow"}, "/published_at_tz"),
    ({"address": "javascript:alert(1)"}, "/address"),
    ({"sha256": "0" * 63}, "/sha256"),
    ({"reliability": "G"}, "/reliability"),
    ({"credibility": 7}, "/credibility"),
    ({"credibility": 0}, "/credibility"),
    ({"credibility": 2.5}, "/credibility"),
    ({"credibility": True}, "/credibility"),
    ({"rating": 1}, "/rating"),
]


def given_source(service: Service, who: str = "ocha", **fields: Any) -> Any:
    return service.made(who, PATH, NEW | fields)


class TestListSources:
    def test_coordinators_and_auditors_of_the_operation_see_it(self, service: Service) -> None:
        made = given_source(service)
        assert service.get("anonymous", PATH).status_code == 401
        for who in ("ocha", "icrc", "mod", "auditor"):
            assert service.items(who, PATH) == [made]
        for who in ("stranger", "map_client", "administrator"):
            assert service.items(who, PATH) == []

    def test_filters_pick_now_and_then_alike(self, service: Service) -> None:
        made = given_source(service)
        then = given_source(service, kind="media", title="x", credibility=3)["recorded_at"]
        for query in (
            {"operation": "mariupol-2022", "kind": "un"},
            {"title": NEW["title"]},
            {"credibility": "2"},
            {"kind": "un", "reliability": "A", "sha256": "0" * 64},
            {"kind": "un", "published_at": "2022-04-26T15:00:00Z"},
            {"kind": "un", "address": NEW["address"], "publisher": "United Nations"},
        ):
            for times in ({}, {"known_at": then}):
                assert service.items("ocha", PATH, **query, **times) == [made]
        assert service.items("ocha", PATH, operation="sumy-2022") == []


class TestCreateSource:
    def test_a_coordinator_puts_it_on_record(self, service: Service) -> None:
        answer = service.post("mod", PATH, NEW | {"operation": str(service.ids["mariupol-2022"])})
        made = answer.json()
        assert answer.status_code == 201
        assert answer.headers["location"] == f"{PATH}/{made['id']}"
        assert made["operation"] == str(service.ids["mariupol-2022"])
        assert made["published_at"] == "2022-04-26T15:00:00.000000Z"
        assert made["recorded_by"] == str(service.ids["Russian MoD"])

    def test_no_other_role_does(self, service: Service) -> None:
        assert service.post("anonymous", PATH, NEW).status_code == 401
        for who in ("administrator", "auditor", "map_client"):
            assert service.post(who, PATH, NEW).status_code == 403

    def test_what_is_wrong_is_refused_with_its_place(self, service: Service) -> None:
        for fields, pointer in WRONG:
            answer = service.post("ocha", PATH, NEW | fields)
            assert answer.status_code == 422
            assert codes(answer) == [pointer]
        assert service.items("ocha", PATH) == []

    def test_a_hidden_operation_is_refused_like_none(self, service: Service) -> None:
        hidden, none = (
            service.post("ocha", PATH, NEW | {"operation": slug})
            for slug in ("sumy-2022", "nowhere-2022")
        )
        assert hidden.json() == none.json()


class TestReadSource:
    def test_to_others_it_does_not_exist(self, service: Service) -> None:
        path = f"{PATH}/{given_source(service)['id']}"
        unknown = f"{PATH}/7f8a1c52-3b0e-4f6d-9a55-0c9d1e2f3a4b"
        for who in ("stranger", "map_client", "administrator"):
            hidden, none = service.get(who, path), service.get(who, unknown)
            assert hidden.status_code == none.status_code == 404
            assert hidden.content == none.content
        assert service.get("anonymous", path).status_code == 401
        assert service.get("auditor", path).status_code == 200

    def test_an_id_of_another_kind_is_not_found(self, service: Service) -> None:
        path = f"{PATH}/{service.ids['mariupol-2022']}"
        assert service.get("ocha", path).status_code == 404
        assert service.patch("ocha", path, {"title": "x"}, 1).status_code == 404


class TestEditSource:
    def test_any_coordinator_of_the_operation_changes_it(self, service: Service) -> None:
        path = f"{PATH}/{given_source(service)['id']}"
        edited = service.edited("icrc", path, {"credibility": 1, "sha256": None}, 1)
        assert (edited["credibility"], edited["sha256"], edited["version"]) == (1, None, 2)
        assert edited["recorded_by"] == str(service.ids["ICRC"])

    def test_who_may_not_know_it_cannot_change_it(self, service: Service) -> None:
        path, body = f"{PATH}/{given_source(service)['id']}", {"credibility": 1}
        assert service.patch("anonymous", path, body, 1).status_code == 401
        assert service.patch("stranger", path, body, 1).status_code == 404
        assert service.patch("administrator", path, body, 1).status_code == 404
        assert service.patch("auditor", path, body, 1).status_code == 403

    def test_it_needs_the_present_version(self, service: Service) -> None:
        path = f"{PATH}/{given_source(service)['id']}"
        assert service.patch("ocha", path, {"credibility": 1}).status_code == 428
        assert service.patch("ocha", path, {"credibility": 1}, 2).status_code == 412

    def test_its_operation_stays(self, service: Service) -> None:
        path = f"{PATH}/{given_source(service)['id']}"
        answer = service.patch("ocha", path, {"operation": "mariupol-2022"}, 1)
        assert codes(answer) == ["/operation"]

    def test_another_organisation_cannot_correct_it(self, service: Service) -> None:
        made = given_source(service)
        event = service.items("auditor", "/v1/history", subject=made["id"])[0]["id"]
        path, body = f"{PATH}/{made['id']}", {"credibility": 1, "corrects": [event]}
        assert service.patch("icrc", path, body, 1).status_code == 403
        assert service.patch("ocha", path, body, 1).status_code == 200
