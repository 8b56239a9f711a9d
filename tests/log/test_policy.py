"""Whom an auditor believes is the auditor's to say: a policy file, as C2SP tlog-policy has it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from app.domain.note import Signer
from app.log import verifier
from tests.log.exports import ICRC, LOG, MINISTRY, NEW, NOON, UN, checkpoint, given_history, write
from tests.log.verifying import INCOMPLETE, INTACT, TAMPERED, UNUSABLE, Said, verified

WITNESSES = {"un": UN, "icrc": ICRC, "ministry": MINISTRY}
DEFINED = "".join(f"witness {name} {key.verifier.vkey}\n" for name, key in WITNESSES.items())
ANY_TWO = DEFINED + "group parties 2 un icrc ministry\nquorum parties\n"
LATER = NOON + timedelta(hours=1)


def judged(
    policy: str,
    *cosigners: str,
    at: datetime = LATER,
    keys: tuple[Signer, ...] = (LOG,),
    words: tuple[str, ...] = (),
    older: str | None = None,
) -> Said:
    """Verify an export that these witnesses have cosigned."""
    lines = given_history().lines()
    note = checkpoint(lines, cosigners={name: (WITNESSES[name], at) for name in cosigners})
    files = {"--policy": policy} | ({} if older is None else {"--older": older})
    return verified(write(lines, note), *words, keys=keys, files=files)


class TestQuorum:
    def test_met(self) -> None:
        said = judged(ANY_TWO, "un", "ministry")
        assert said.status == INTACT
        assert 'cosigned by "ministry, un"' in said.verdict

    def test_not_met(self) -> None:
        said = judged(ANY_TWO, "un")
        assert said.status == INCOMPLETE
        assert 'the quorum "parties" is not met: found valid cosignatures of "un"' in said.verdict

    def test_not_met_by_one_witness_twice(self) -> None:
        lines = given_history().lines()
        twice = {"un": (UN, LATER), "again": (UN, LATER)}
        note = checkpoint(lines, cosigners=twice)
        assert verified(write(lines, note), files={"--policy": ANY_TWO}).status == INCOMPLETE

    def test_nobody_needs_to_cosign_where_the_policy_says_none(self) -> None:
        assert judged("quorum none\n").status == INTACT

    @pytest.mark.parametrize(
        ("rule", "enough"),
        [
            ("quorum un", {"un": True, "icrc": False}),
            ("group g any un icrc\nquorum g", {"un": True, "ministry": False}),
            ("group g all un icrc\nquorum g", {"un icrc": True, "un ministry": False}),
            (
                "group p any un icrc\ngroup g all p ministry\nquorum g",
                {"icrc ministry": True, "un icrc": False, "ministry": False},
            ),
        ],
        ids=["one", "any", "all", "groups of groups"],
    )
    def test_rules(self, rule: str, enough: Mapping[str, bool]) -> None:
        for cosigners, is_met in enough.items():
            said = judged(f"{DEFINED}{rule}\n", *cosigners.split())
            assert said.status == (INTACT if is_met else INCOMPLETE), cosigners

    def test_a_quorum_that_is_always_met_is_noticed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(verifier.Policy, "check_quorum", lambda *_: None)
        assert judged(ANY_TWO, "un").status == INTACT


class TestCosignatures:
    def test_a_forged_one_is_found(self) -> None:
        lines = given_history().lines()
        cosigners = {"un": (UN, LATER), "icrc": (ICRC, LATER)}
        text = checkpoint(lines).rpartition("\n\n")[0]
        of_other = checkpoint(lines[:3], cosigners=cosigners).splitlines()[-2:]
        note = checkpoint(lines) + "\n".join(of_other) + "\n"
        assert note.startswith(text)
        said = verified(write(lines, note), files={"--policy": ANY_TWO})
        assert said.status == TAMPERED
        assert "is not one of this checkpoint" in said.findings

    def test_one_with_another_time_is_found(self) -> None:
        lines = given_history().lines()
        note = checkpoint(lines, cosigners={"un": (UN, LATER)})
        other = checkpoint(lines, cosigners={"un": (UN, LATER + timedelta(days=1))})
        *_, line = note.splitlines()
        *_, late = other.splitlines()
        start = len(line.partition("AAAA")[0])
        forged = note.replace(line, line[: start + 12] + late[start + 12 :])
        assert forged not in (note, other)
        policy = f"{DEFINED}quorum un\n"
        assert verified(write(lines, forged), files={"--policy": policy}).status == TAMPERED


class TestTimes:
    def test_nothing_is_recorded_after_the_checkpoint_was_cosigned(self) -> None:
        said = judged(ANY_TWO, "un", "icrc", at=NOON)
        assert said.status == TAMPERED
        assert "lies after the checkpoint was cosigned" in said.findings
        assert said.verdict == "tampered: 2 findings in 7 entries"  # of minutes 6 and 7

    def test_how_far_clocks_may_differ_can_be_said(self) -> None:
        assert judged(ANY_TWO, "un", "icrc", at=NOON, words=("--tolerance=420",)).status == INTACT

    def test_what_the_older_checkpoint_does_not_cover_is_recorded_after_it(self) -> None:
        lines = given_history().lines()
        late = checkpoint(lines[:3], cosigners={"un": (UN, LATER)})
        said = judged(ANY_TWO, "un", "icrc", older=late)
        assert said.status == TAMPERED
        assert "lies before the older checkpoint was cosigned" in said.findings
        assert said.verdict == "tampered: 4 findings in 7 entries"
        early = checkpoint(lines[:3], cosigners={"un": (UN, NOON + timedelta(minutes=3))})
        assert judged(ANY_TWO, "un", "icrc", older=early).status == INTACT

    def test_a_check_of_times_that_finds_nothing_is_noticed(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(verifier.Ledger, "_untimely", lambda *_: ())
        assert judged(ANY_TWO, "un", "icrc", at=NOON).status == INTACT


class TestLogs:
    def test_the_policy_may_name_the_key_of_the_log(self) -> None:
        named = f"log {LOG.verifier.vkey}\n{ANY_TWO}"
        assert judged(named, "un", "icrc", keys=()).status == INTACT
        assert judged(ANY_TWO, "un", "icrc", keys=()).status == UNUSABLE

    def test_both_the_key_and_the_policy_must_be_satisfied(self) -> None:
        other = f"log {NEW.verifier.vkey}\n{ANY_TWO}"
        assert judged(other, "un", "icrc").status == UNUSABLE
        both = f"log {LOG.verifier.vkey}\n{other}"
        assert judged(both, "un", "icrc").status == INTACT


class TestFile:
    def test_comments_tabs_blanks_and_addresses(self) -> None:
        policy = (
            f"# of the auditor\n\n \t log\t{LOG.verifier.vkey}   https://log.example/ \n"
            f"\twitness un {UN.verifier.vkey} https://un.example/\n  # end\nquorum un"
        )
        assert judged(policy, "un").status == INTACT

    @pytest.mark.parametrize(
        "policy",
        [
            "",
            DEFINED,
            "quorum un\n",
            "quorum none\nquorum none\n",
            f"{DEFINED}quorum un icrc\n",
            f"{DEFINED}quorum\n",
            f"{DEFINED}group g 0 un\nquorum g\n",
            f"{DEFINED}group g 2 un\nquorum g\n",
            f"{DEFINED}group g 01 un\nquorum g\n",
            f"{DEFINED}group g some un\nquorum g\n",
            f"{DEFINED}group g any\nquorum g\n",
            f"{DEFINED}group g any none\nquorum g\n",
            f"{DEFINED}group none any un\nquorum none\n",
            f"{DEFINED}group un any icrc\nquorum un\n",
            f"{DEFINED}group g any un un\nquorum g\n",
            f"{DEFINED}group g any un\ngroup h any un\nquorum g\n",
            f"group g any un\n{DEFINED}quorum g\n",
            f"{DEFINED}witness fourth {UN.verifier.vkey}\nquorum un\n",
            f"log {LOG.verifier.vkey}\nlog {LOG.verifier.vkey}\nquorum none\n",
            f"log {UN.verifier.vkey}\nquorum none\n",
            f"witness log {LOG.verifier.vkey}\nquorum none\n",
            "trust un\nquorum none\n",
            f"{ANY_TWO}\r\n",
            f"{DEFINED}quorum\u00a0un\n",
        ],
    )
    def test_what_is_no_policy(self, policy: str) -> None:
        said = judged(policy, "un", "icrc", "ministry")
        assert said.status == UNUSABLE
        assert "policy" in said.verdict
