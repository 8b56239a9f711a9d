"""Operations over HTTP: the boundary of need-to-know."""

from typing import Any

import pytest
from sqlalchemy import true

from app.operations import visibility
from tests.http.mariupol import Service, codes

PATH = "/v1/operations"
NEW: dict[str, Any] = {
    "slug": "kherson-2022",
    "name": "Kherson 2022",
    "countries": ["UKR"],
    "tz": "Europe/Kyiv",
}
SQUARE = [[34.9, 46.5], [38.1, 46.5], [38.1, 48], [34.9, 48.0], [34.9, 46.5]]
BOWTIE = [[34.9, 46.5], [38.1, 48], [38.1, 46.5], [34.9, 48.0], [34.9, 46.5]]
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"slug": "Kherson 2022"}, "/slug"),
    ({"slug": "kherson--2022"}, "/slug"),
    ({"slug": "7f8a1c52-3b0e-4f6d-9a55-0c9d1e2f3a4b"}, "/slug"),
    ({"name": "ask a.person@example.org"}, "/name"),
    ({"countries": []}, "/countries"),
    ({"countries": ["UKR", "UKR"]}, "/countries"),
    ({"countries": ["UKR", "UA"]}, "/countries/1"),
    ({"glide": "2022"}, "/glide"),
    ({"started_on": "2022-02-30"}, "/started_on"),
    ({"tz": "Moscow"}, "/tz"),
    ({"members": ["OCHA", "nobody"]}, "/members/1"),
    ({"members": ["OCHA", "ocha"]}, "/members/1"),
    ({"members": [{"organisation": "OCHA", "audience": "all"}]}, "/members/0/audience"),
    ({"disclosure": {"all": True}}, "/disclosure/all"),
    ({"audiences": ["public"]}, "/audiences"),
]
WRONG_AREAS: list[tuple[Any, str]] = [
    ([], "expected a GeoJSON Polygon"),
    ({"type": "Point", "coordinates": [37.6, 47.1]}, "expected Polygon"),
    ({"type": "Polygon", "coordinates": [SQUARE], "bbox": []}, "other members"),
    ({"type": "Polygon", "coordinates": []}, "1 to 1000 rings"),
    ({"type": "Polygon", "coordinates": [[]] * 1001}, "1 to 1000 rings"),
    ({"type": "Polygon", "coordinates": [[[0, 0]] * 10_001]}, "10000 at most"),
    ({"type": "Polygon", "coordinates": [SQUARE[:3]]}, "four or more"),
    ({"type": "Polygon", "coordinates": [SQUARE[:4]]}, "not closed"),
    ({"type": "Polygon", "coordinates": [[[*p, 5, 6] for p in SQUARE]]}, "[longitude, latitude]"),
    ({"type": "Polygon", "coordinates": [[["34", 46], *SQUARE[1:4], ["34", 46]]]}, "two numbers"),
    ({"type": "Polygon", "coordinates": [[p[::-1] for p in SQUARE[:4]]]}, "not closed"),
    ({"type": "Polygon", "coordinates": [[[134.9, 146.5], *SQUARE, [134.9, 146.5]]]}, "±90"),
    ({"type": "Polygon", "coordinates": [BOWTIE]}, "near longitude 36.5, latitude 47.25"),
    ({"type": "Polygon", "coordinates": [[[1, 1]] * 4]}, "polygon that does"),
    ({"type": "Polygon", "coordinates": [SQUARE, [[1, 1], [2, 1], [2, 2], [1, 1]]]}, "hole"),
]


def address(service: Service, slug: str = "mariupol-2022") -> str:
    return f"{PATH}/{service.ids[slug]}"


def slugs(items: list[Any]) -> list[str]:
    return [item["slug"] for item in items]


class TestListOperations:
    def test_each_caller_sees_those_of_its_token(self, service: Service) -> None:
        assert slugs(service.items("anonymous", PATH)) == []
        for who in ("ocha", "mod", "auditor", "map_client"):
            assert slugs(service.items(who, PATH)) == ["mariupol-2022"]
        assert slugs(service.items("stranger", PATH)) == ["sumy-2022"]
        assert slugs(service.items("administrator", PATH)) == ["mariupol-2022", "sumy-2022"]

    def test_a_hidden_operation_answers_like_none(self, service: Service) -> None:
        hidden, none = (
            service.get("stranger", PATH, slug=slug) for slug in ("mariupol-2022", "nowhere-2022")
        )
        assert hidden.json() == none.json()

    def test_filters_pick_now_and_then_alike(self, service: Service) -> None:
        body = NEW | {"countries": ["RUS", "UKR"], "glide": "CE-2022-000156-UKR"}
        then = service.made("administrator", PATH, body)["recorded_at"]
        kherson, everything = ["kherson-2022"], ["mariupol-2022", "sumy-2022", "kherson-2022"]
        for query, expected in (
            ({"country": "RUS"}, kherson),
            ({"country": "UKR"}, everything),
            ({"slug": "kherson-2022"}, kherson),
            ({"name": "Kherson 2022"}, kherson),
            ({"glide": "CE-2022-000156-UKR"}, kherson),
            ({"started_on": "2022-02-24"}, everything[:2]),
            ({"tz": "Europe/Kyiv"}, everything),
        ):
            for times in ({}, {"known_at": then}):
                assert slugs(service.items("administrator", PATH, **query, **times)) == expected


class TestCreateOperation:
    def test_an_administrator_sets_one_up(self, service: Service) -> None:
        area = {"type": "Polygon", "coordinates": [SQUARE]}
        members = ["OCHA", {"organisation": str(service.ids["Ukraine"]), "audience": "partner"}]
        answer = service.post("administrator", PATH, NEW | {"area": area, "members": members})
        made = answer.json()
        assert answer.status_code == 201
        assert answer.headers["location"] == f"{PATH}/{made['id']}"
        assert made["area"] == area
        assert made["members"] == [
            {"organisation": str(service.ids["OCHA"]), "audience": None},
            {"organisation": str(service.ids["Ukraine"]), "audience": "partner"},
        ]
        assert service.get("administrator", f"{PATH}/{made['id']}").json() == made

    def test_no_other_role_does(self, service: Service) -> None:
        assert service.post("anonymous", PATH, NEW).status_code == 401
        for who in ("ocha", "auditor", "map_client", "stranger"):
            assert service.post(who, PATH, NEW).status_code == 403

    def test_a_slug_is_unique(self, service: Service) -> None:
        answer = service.post("administrator", PATH, NEW | {"slug": "mariupol-2022"})
        assert answer.status_code == 409

    def test_what_is_wrong_is_refused_with_its_place(self, service: Service) -> None:
        for fields, pointer in WRONG:
            answer = service.post("administrator", PATH, NEW | fields)
            assert answer.status_code == 422
            assert codes(answer) == [pointer]

    def test_an_area_that_cannot_be_is_refused_with_its_reason(self, service: Service) -> None:
        for area, reason in WRONG_AREAS:
            answer = service.post("administrator", PATH, NEW | {"area": area})
            assert answer.status_code == 422
            assert codes(answer) == ["/area"]
            assert reason in answer.json()["errors"][0]["message"]

    def test_what_was_changed_about_an_area_is_said(self, service: Service) -> None:
        ring = [[*place, 5] for place in (SQUARE[0], *SQUARE)][::-1]
        area = {"type": "Polygon", "coordinates": [ring]}
        made = service.post("administrator", PATH, NEW | {"area": area}).json()
        changed = ["z_dropped", "repeated_points_merged", "rings_turned"]
        assert [warning["code"] for warning in made["warnings"]] == changed
        shown = service.get("administrator", f"{PATH}/{made['id']}").json()
        assert shown["area"] == {"type": "Polygon", "coordinates": [SQUARE]}
        assert "warnings" not in shown


class TestReadOperation:
    def test_only_those_inside_see_its_members(self, service: Service) -> None:
        for who in ("administrator", "ocha", "mod", "auditor", "map_client"):
            assert len(service.get(who, address(service)).json()["members"]) == 4

    def test_to_others_it_does_not_exist(self, service: Service) -> None:
        unknown = f"{PATH}/7f8a1c52-3b0e-4f6d-9a55-0c9d1e2f3a4b"
        for who in ("anonymous", "stranger"):
            hidden, none = service.get(who, address(service)), service.get(who, unknown)
            assert hidden.status_code == none.status_code == 404
            assert hidden.content == none.content

    def test_the_past_keeps_its_members(self, service: Service) -> None:
        before = service.get("ocha", address(service)).json()
        service.edited("administrator", address(service), {"members": ["OCHA"]}, 1)
        then = service.get("ocha", address(service), known_at=before["recorded_at"])
        assert then.json() == before

    def test_from_outside_changes_of_members_cannot_be_seen(
        self, service: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(visibility._reasons, "everybody", lambda caller, id: true())
        path = address(service)
        before = service.get("anonymous", path)
        assert "members" not in before.json()
        changed = service.edited("administrator", path, {"members": ["OCHA"]}, 1)
        after = service.get("anonymous", path)
        assert (before.content, before.headers["etag"]) == (after.content, after.headers["etag"])
        assert service.get("ocha", path).json()["version"] == changed["version"] == 2
        service.edited("administrator", path, {"name": "x"}, 2)
        assert service.get("stranger", path).json()["version"] == 2
        assert service.items("anonymous", PATH)[0]["version"] == 2


class TestEditOperation:
    def test_it_needs_an_administrator_and_the_present_version(self, service: Service) -> None:
        path, body = address(service), {"name": "x"}
        assert service.patch("anonymous", path, body, 1).status_code == 401
        assert service.patch("stranger", path, body, 1).status_code == 404
        assert service.patch("ocha", path, body, 1).status_code == 403
        assert service.patch("administrator", path, body).status_code == 428
        assert service.patch("administrator", path, body, 1).status_code == 200
        assert service.patch("administrator", path, body, 1).status_code == 412

    def test_a_slug_stays_unique(self, service: Service) -> None:
        body = {"slug": "sumy-2022"}
        assert service.patch("administrator", address(service), body, 1).status_code == 409

    def test_who_is_no_longer_a_member_loses_it_at_once(self, service: Service) -> None:
        path = address(service)
        service.edited("administrator", path, {"members": ["OCHA"]}, 1)
        assert service.get("icrc", path).status_code == 404
        assert service.items("auditor", "/v1/history", operation="mariupol-2022") == []
        assert service.get("ocha", path).status_code == 200
        service.edited("administrator", path, {"members": ["OCHA", "ICRC"]}, 2)
        assert service.get("icrc", path).status_code == 200

    def test_what_was_changed_about_an_area_is_said(self, service: Service) -> None:
        area = {"type": "Polygon", "coordinates": [SQUARE[::-1]]}
        edited = service.patch("administrator", address(service), {"area": area}, 1).json()
        assert edited["area"] == {"type": "Polygon", "coordinates": [SQUARE]}
        assert [warning["code"] for warning in edited["warnings"]] == ["rings_turned"]
        emptied = service.patch("administrator", address(service), {"area": None}, 2).json()
        assert emptied["area"] is None
        assert "warnings" not in emptied

    def test_memberships_act_from_their_recording(self, service: Service) -> None:
        body = {"members": ["OCHA"], "effective_at": "2022-04-26T00:00:00Z"}
        answer = service.patch("administrator", address(service), body, 1)
        assert codes(answer) == ["/effective_at"]


class TestListPrincipals:
    def test_all_parties_see_who_holds_tokens(self, service: Service) -> None:
        path = f"{address(service)}/principals"
        for who in ("administrator", "ocha", "mod", "auditor"):
            found = service.items(who, path)
            assert [item["role"] for item in found] == [
                "coordinator",
                "coordinator",
                "coordinator",
                "auditor",
                "map_client",
            ]
            assert found[0]["issued_by"]["holder"] == "command line"
            assert found[0]["revoked_at"] is found[0]["revoked_by"] is None

    @pytest.mark.parametrize(
        ("filters", "roles"),
        [
            ({"role": "auditor"}, ["auditor"]),
            ({"organisation": "OCHA", "role": "coordinator"}, ["coordinator"]),
            ({"organisation": "nobody"}, []),
            ({"holder": "nobody"}, []),
            ({"revoked": "true"}, []),
            ({"audience": "public"}, []),
            ({"role": "map_client", "revoked": "false"}, ["map_client"]),
        ],
    )
    def test_it_is_filtered(
        self, service: Service, filters: dict[str, str], roles: list[str]
    ) -> None:
        found = service.items("ocha", f"{address(service)}/principals", **filters)
        assert [item["role"] for item in found] == roles

    def test_a_drivers_device_does_not(self, service: Service) -> None:
        assert service.get("map_client", f"{address(service)}/principals").status_code == 403

    def test_to_others_it_does_not_exist(self, service: Service) -> None:
        path = f"{address(service)}/principals"
        assert service.get("anonymous", path).status_code == 401
        assert service.get("stranger", path).status_code == 404

    def test_it_shows_who_revoked_and_what_was_before(self, service: Service) -> None:
        path = f"{address(service)}/principals"
        first = service.items("ocha", path)[0]
        service.delete("administrator", f"/v1/tokens/{first['id']}")
        now = service.items("icrc", path)[0]
        assert now["revoked_by"]["role"] == "administrator"
        assert now["revoked_at"] > first["issued_at"]
        then = service.items("icrc", path, known_at=first["issued_at"])
        assert first in then
        assert service.items("icrc", path, limit="1", known_at=now["revoked_at"]) == [now]
