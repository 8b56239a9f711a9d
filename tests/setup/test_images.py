"""The image and the composition, as far as they can be checked without an engine."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from app.settings import Settings
from tests.databases import Database, untested
from tests.postgres import NoPostgres, find_binaries, throwaway_cluster, with_database, with_role

ROOT = Path(__file__).parents[2]
INSTRUCTIONS = {
    *("ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL"),
    *("RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"),
}


def instructions() -> list[tuple[str, str]]:
    """Read the Dockerfile: each instruction with what follows it."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    found = [line.partition(" ") for line in lines if line.strip()]
    return [(word, rest.strip()) for word, _, rest in found]


def _put(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def of(word: str) -> list[str]:
    """Give what follows each `word`."""
    return [rest for found, rest in instructions() if found == word]


class TestImage:
    def test_each_instruction_is_one(self) -> None:
        assert {word for word, _ in instructions()} <= INSTRUCTIONS

    def test_it_starts_from_a_pinned_python(self) -> None:
        assert of("FROM")
        for start in of("FROM"):
            assert re.match(r"python:3\.1[123]-slim-\w+( AS \w+)?$", start)

    def test_it_runs_as_an_account_that_is_not_root_by_number(self) -> None:
        (account,) = of("USER")
        assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", account)

    def test_nothing_after_the_account_is_set_needs_root(self) -> None:
        words = [word for word, _ in instructions()]
        assert "RUN" not in words[words.index("USER") :]

    def test_what_it_copies_exists_and_is_sent_to_the_engine(self) -> None:
        sent = {line[1:] for line in _lines(".dockerignore") if line.startswith("!")}
        for copy in of("COPY"):
            *sources, _ = shlex.split(copy)
            if sources[0].startswith("--from="):
                continue
            for source in sources:
                assert (ROOT / source).exists(), source
                assert source.split("/")[0] in sent, source

    def test_what_it_starts_is_there_and_knows_its_command(self, tmp_path: Path) -> None:
        """With what is copied into it and nothing else of this folder."""
        for copy in of("COPY"):
            *sources, target = shlex.split(copy)
            if "/srv/safe-passage" in target and not sources[0].startswith("--"):
                for source in sources:
                    _put(ROOT / source, tmp_path / Path(target).relative_to("/srv/safe-passage"))
        (start,), (command,) = of("ENTRYPOINT"), of("CMD")[-1:]
        words = [sys.executable, *json.loads(start)[1:], *json.loads(command), "--help"]
        done = subprocess.run(
            words, capture_output=True, text=True, cwd=tmp_path, check=False, env={"PATH": ""}
        )
        assert done.returncode == 0, done.stderr
        assert " serve [OPTIONS]" in done.stdout

    def test_packages_are_installed_by_hash(self) -> None:
        (install,) = [run for run in of("RUN") if "pip install" in run]
        assert "--require-hashes" in install
        assert "requirements.lock" in install

    def test_its_health_check_asks_the_service(self) -> None:
        (check,) = of("HEALTHCHECK")
        command = json.loads(check[check.index("[") :])
        compile(command[-1], "health check", "exec")
        assert "/healthz" in command[-1]

    def test_its_settings_exist(self) -> None:
        names = re.findall(r"\b(PASSAGE_\w+)=", " ".join(of("ENV")))
        assert "PASSAGE_DATA_DIR" in names
        assert set(names) <= settings()

    def test_it_holds_no_secret(self) -> None:
        assert not re.search(r"(?i)password|secret|token", (ROOT / "Dockerfile").read_text())


class TestComposition:
    def test_services_wait_for_a_migrated_healthy_database(self) -> None:
        services = composition()["services"]
        assert set(services) == {"database", "migrate", "service"}
        assert services["migrate"]["depends_on"]["database"]["condition"] == "service_healthy"
        assert services["service"]["depends_on"] == {
            "database": {"condition": "service_healthy"},
            "migrate": {"condition": "service_completed_successfully"},
        }

    @pytest.mark.parametrize("name", ["database", "service"])
    def test_what_stays_up_has_a_health_check_and_a_kept_volume(self, name: str) -> None:
        described = composition()
        service = described["services"][name]
        assert service["healthcheck"]["test"][0] == "CMD"
        assert service["volumes"][0].split(":")[0] in described["volumes"]

    def test_the_service_gets_no_password_of_the_owner(self) -> None:
        environment = composition()["services"]["service"]["environment"]
        assert "OWNER_PASSWORD" not in str(environment)

    @pytest.mark.parametrize("name", ["migrate", "service"])
    def test_its_settings_exist(self, name: str) -> None:
        assert set(composition()["services"][name]["environment"]) <= settings()

    def test_what_it_asks_for_is_in_the_example_and_nothing_there_is_secret(self) -> None:
        asked = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text()))
        example = dict(
            line.split("=", 1) for line in _lines("compose.env.example") if line[0] != "#"
        )
        assert example.keys() == asked
        assert not any(value for name, value in example.items() if "PASSWORD" in name)

    def test_folders_of_the_host_exist(self) -> None:
        for volume in composition()["services"]["database"]["volumes"]:
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (ROOT / source).exists(), source


def test_its_roles_can_migrate_and_serve() -> None:
    try:
        binaries = find_binaries()
    except NoPostgres as error:
        untested(error)
    with throwaway_cluster() as cluster:
        with psycopg.connect(cluster.url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE passage")
        environment = {
            "PATH": f"{binaries}:{os.environ['PATH']}",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(cluster.port),
            "PGPASSWORD": cluster.password,
            "POSTGRES_USER": "passage_super",
            "POSTGRES_DB": "passage",
            "OWNER_PASSWORD": "it's the owner's",
            "APP_PASSWORD": "app",
        }
        subprocess.run(["sh", ROOT / "deploy/roles.sh"], env=environment, check=True)
        place = with_database(cluster.url, "passage")
        database = Database(
            dialect="postgresql",
            url=with_role(place, "passage_app", "app"),
            migration_url=with_role(place, "passage_owner", "it's the owner's"),
        )
        database.migrate()
        engine = database.engine()
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM event").scalar() == 0
        engine.dispose()


def settings() -> set[str]:
    """Name the settings that the service reads."""
    return {f"PASSAGE_{name.upper()}" for name in Settings.model_fields}


def composition() -> dict[str, Any]:
    """Read the composition."""
    read: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return read


def _lines(name: str) -> list[str]:
    return [line for line in (ROOT / name).read_text().splitlines() if line.strip()]
