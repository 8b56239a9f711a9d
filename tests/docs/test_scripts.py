"""The scripts that pages show are those that a browser runs in our tests."""

from tests.docs.pages import ROOT


def test_map_clients_are_shown_the_script_that_is_tested() -> None:
    script = (ROOT / "tests/clients/browser/corridors.js").read_text(encoding="utf-8")
    page = (ROOT / "docs/how-to/map-client.md").read_text(encoding="utf-8")
    assert f"```js\n{script}```\n" in page
