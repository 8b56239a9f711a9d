"""Examples in the description of the API are of the case, and fit what they are examples of."""

import importlib
import inspect
import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from app.agreements.schemas import examples
from app.demo.organisations import OPERATION, ORGANISATIONS
from app.http.openapi import ANSWERS
from app.http.schema import Body
from tools.tables import openapi

_MODULES = (
    *(f"app.agreements.schemas.{part}" for part in ("agreement", "position", "status", "terms", "window")),
    *(f"app.{feature}.schemas" for feature in
      ("contacts", "operations", "organisations", "sources", "sites", "tokens", "history")),
    *(f"app.corridors.schemas.{part}" for part in ("corridor", "status")),
)  # fmt: skip
_REFERENCES = {"organisation", "proposer", "declared_by", "relayed_by", "by"}
_SHORT_NAMES = {each["short_name"] for each in ORGANISATIONS}


def models() -> Iterator[type[BaseModel]]:
    """Give every schema of bodies and answers."""
    for module in map(importlib.import_module, _MODULES):
        for _, found in inspect.getmembers(module, inspect.isclass):
            if issubclass(found, BaseModel) and found.__module__ == module.__name__:
                yield found


def examples_of(model: type[BaseModel]) -> list[Any]:
    """Give the examples of a schema itself."""
    extra = model.model_config.get("json_schema_extra")
    shown = extra.get("examples") if isinstance(extra, dict) else None
    return list(shown) if isinstance(shown, list) else []


CASES = [(model, one) for model in models() for one in examples_of(model)]


@pytest.mark.parametrize(("model", "example"), CASES, ids=lambda x: getattr(x, "__name__", ""))
def test_an_example_fits_its_schema(model: type[BaseModel], example: Any) -> None:
    model.model_validate(example)


@pytest.mark.parametrize(("model", "example"), CASES, ids=lambda x: getattr(x, "__name__", ""))
def test_an_example_names_organisations_of_the_case(model: type[BaseModel], example: Any) -> None:
    assert {word for word in references(example) if len(word) != 36} <= _SHORT_NAMES
    if isinstance(example, dict) and isinstance(example.get("operation"), str):
        assert example["operation"] == OPERATION["slug"] or len(example["operation"]) == 36


def references(value: Any) -> Iterator[str]:
    """Give every word that refers to an organisation."""
    if isinstance(value, list):
        for each in value:
            yield from references(each)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key in _REFERENCES and isinstance(inner, str):
                yield inner
            yield from references(inner)


def test_every_body_of_the_description_has_an_example() -> None:
    document = openapi()
    schemas = document["components"]["schemas"]
    bodies = {
        content["schema"]["$ref"].rpartition("/")[2]
        for path in document["paths"].values()
        for operation in path.values()
        if "requestBody" in operation
        for content in operation["requestBody"]["content"].values()
    }
    assert [name for name in sorted(bodies) if not schemas[name].get("examples")] == []


def answers() -> Iterator[str]:
    """Name the schema of every answer that says that something went well, or one of its kinds."""
    for path in openapi()["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                if status.startswith("2"):
                    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
                    for kind in schema.get("anyOf", [schema]):
                        if "$ref" in kind:
                            yield kind["$ref"].rpartition("/")[2]


def test_every_answer_of_the_description_has_an_example_that_fits() -> None:
    document = openapi()
    schemas = document["components"]["schemas"]
    found = {name: schemas[name].get("examples") for name in answers()}
    assert json.loads(ANSWERS.read_text()).keys() <= schemas.keys()
    assert {"AgreementOut", "AgreementOutline", "ReadinessOut", "TermsChanged"} <= found.keys()
    assert [name for name, shown in found.items() if not shown] == []
    for name, shown in found.items():
        whole = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        for example in shown:
            assert [e.message for e in Draft202012Validator(whole).iter_errors(example)] == []
            assert not name.startswith("Listing_") or example["items"]


def test_examples_of_agreements_are_bodies() -> None:
    assert all(issubclass(model, Body) for model, one in CASES if one in vars(examples).values())
