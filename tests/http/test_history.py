"""History over HTTP: every event that an auditor may know of, with the bytes of its record."""

from typing import Any
from uuid import UUID

from app.domain.record import commitment
from tests.http.mariupol import Service
from tests.http.test_sources import given_source

PATH = "/v1/history"


def kinds(items: list[Any]) -> list[tuple[str, str]]:
    return [(item["subject"]["kind"], item["kind"]) for item in items]


class TestListHistory:
    def test_auditors_only(self, service: Service) -> None:
        assert service.get("anonymous", PATH).status_code == 401
        for who in ("administrator", "ocha", "map_client", "stranger"):
            assert service.get(who, PATH).status_code == 403

    def test_it_holds_the_auditors_operations_their_tokens_and_organisations(
        self, service: Service
    ) -> None:
        given_source(service)
        found = service.items("auditor", PATH)
        assert kinds(found) == [
            *[("organisation", "created")] * 5,
            ("operation", "created"),
            *[("token", "created")] * 6,
            ("source", "created"),
        ]
        named = {item["operation"] for item in found} - {None}
        assert named == {str(service.ids["mariupol-2022"])}
        times = [(item["recorded_at"], UUID(item["id"])) for item in found]
        assert times == sorted(times)

    def test_every_auditor_sees_administrators_tokens(self, service: Service) -> None:
        made = service.made(
            "administrator",
            "/v1/tokens",
            {"organisation": "OCHA", "role": "administrator", "holder": "second administrator"},
        )
        service.delete("administrator", f"/v1/tokens/{made['id']}")
        found = service.items("auditor", PATH, subject=made["id"])
        assert kinds(found) == [("token", "created"), ("token", "revoked")]
        assert found[0]["aspects"]["operations"] == []

    def test_an_auditor_with_a_narrower_audience_reads_nothing_of_the_operation(
        self, service: Service
    ) -> None:
        source = given_source(service)
        token = service.items("administrator", "/v1/tokens", role="map_client")[0]["id"]
        narrowed = service.made(
            "administrator",
            "/v1/tokens",
            {
                "organisation": "ICRC",
                "role": "auditor",
                "operations": ["mariupol-2022"],
                "audience": "partner",
                "holder": "narrowed-auditor",
            },
        )
        seen = service.items(narrowed["token"], PATH)
        assert set(kinds(seen)) == {("organisation", "created"), ("token", "created")}
        for hidden in (source["id"], token, narrowed["id"]):
            assert service.items(narrowed["token"], PATH, subject=hidden) == []
        event = service.items("auditor", PATH, subject=source["id"])[0]
        answer = service.get(narrowed["token"], f"{PATH}/{event['id']}")
        assert answer.status_code == 404

    def test_filters_pick_events(self, service: Service) -> None:
        source = given_source(service)
        service.edited("icrc", f"/v1/sources/{source['id']}", {"credibility": 1}, 1)
        edited = service.items("auditor", PATH)[-1]["recorded_at"]
        for query, expected in (
            ({"subject": source["id"]}, 2),
            ({"subject_kind": "operation"}, 1),
            ({"operation": "mariupol-2022"}, 3),
            ({"operation": "sumy-2022"}, 0),
            ({"organisation": "ICRC"}, 2),
            ({"recorded_from": edited}, 1),
            ({"recorded_until": edited, "subject": source["id"]}, 1),
            ({"known_at": source["recorded_at"], "subject": source["id"]}, 1),
            ({"as_of": "2022-04-01T00:00:00Z"}, 0),
        ):
            assert len(service.items("auditor", PATH, **query)) == expected

    def test_pages_follow_each_other(self, service: Service) -> None:
        found: list[Any] = []
        path: str | None = f"{PATH}?limit=4"
        while path:
            answer = service.get("auditor", path).json()
            found, path = found + answer["items"], answer["next"]
        assert found == service.items("auditor", PATH)

    def test_a_subject_that_is_hidden_has_no_events(self, service: Service) -> None:
        hidden = str(service.ids["sumy-2022"])
        assert service.items("auditor", PATH, subject=hidden) == []

    def test_a_revocation_names_who_did_it(self, service: Service) -> None:
        token = service.items("administrator", "/v1/tokens", role="map_client")[0]["id"]
        service.delete("administrator", f"/v1/tokens/{token}")
        event = service.items("auditor", PATH, subject=token)[-1]
        assert event["kind"] == "revoked"
        assert event["aspects"] == {"revoked": True}
        assert event["actor"]["role"] == "administrator"


class TestReadEvent:
    def test_it_opens_every_commitment_of_its_record(self, service: Service) -> None:
        given_source(service)
        listed = service.items("auditor", PATH)[-1]
        event = service.get("auditor", f"{PATH}/{listed['id']}").json()
        assert event == listed
        assert event["openings"].keys() >= {"actor", "aspect/title", "reason", "sources"}
        for field, opening in event["openings"].items():
            committed = commitment(field, bytes.fromhex(opening["salt"]), opening["value"])
            assert f'"{field}":"{committed}"' in event["record"]

    def test_it_names_no_operation_that_the_auditor_may_not_know(self, service: Service) -> None:
        both = {
            "organisation": "Mariupol",
            "role": "auditor",
            "operations": ["mariupol-2022", "sumy-2022"],
            "holder": "auditor-of-both",
        }
        made = service.made("administrator", "/v1/tokens", both)
        found = service.get("auditor", PATH, subject=made["id"])
        event = found.json()["items"][0]
        assert str(service.ids["sumy-2022"]) not in found.text
        assert "Sumy" not in found.text
        assert event["aspects"]["holder"] == "auditor-of-both"
        assert '"aspect/operations":"' in event["record"]
        own = service.items(made["token"], PATH, subject=made["id"])[0]
        assert own["aspects"]["operations"] == made["operations"]

    def test_hidden_ones_are_not_found(self, service: Service) -> None:
        source = given_source(service)
        event = service.items("auditor", PATH, subject=source["id"])[0]
        path = f"{PATH}/{event['id']}"
        assert service.get("anonymous", path).status_code == 401
        assert service.get("ocha", path).status_code == 403
        earlier = service.get("auditor", path, known_at="2022-04-26T00:00:00Z")
        assert earlier.status_code == 404
        sumy = service.made(
            "administrator",
            "/v1/tokens",
            {
                "organisation": "Mariupol",
                "role": "auditor",
                "operations": ["sumy-2022"],
                "holder": "sumy-auditor",
            },
        )
        assert service.get(sumy["token"], path).status_code == 404
