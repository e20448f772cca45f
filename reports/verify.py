"""Checks a signed run in numbered steps; nothing in the run folder is believed before its step.

1   the envelope is well formed, in the one form in which it is written
2   its signature is by the key in the run folder
3   that key is the one the reader trusts
4   the statement is of the known types and covers every file of a run, each once
5…  each file has the digest that was signed
n-1 the subject is the shop that run.json names
n   the verdict follows from the findings, and the signed result from the verdict
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec

from rehearsal.model.errors import RehearsalError
from rehearsal.model.verdict import Finding, verdict_of
from rehearsal.rundir import folder
from rehearsal.rundir.record import RunRecord, VerdictRecord
from reports import envelope, keys
from reports.statement import (
    PREDICATE_TYPE,
    STATEMENT_TYPE,
    Statement,
    configuration_in,
    named_tests,
    result_of,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class VerifyStep:
    """One step: its number, whether it holds, and a sentence that says what was found."""

    number: int
    ok: bool
    sentence: str


class Refused(Exception):
    """A step does not hold; the message is its sentence."""


def verify_run(run: Path, *, trusted: keys.PublicKey | None = None) -> tuple[VerifyStep, ...]:
    """Check a run's signature and every digest. Never raises, whatever the folder holds.

    Without `trusted`, step 3 only names the key: who owns it, the reader must learn elsewhere.
    """
    return _Checker(run, trusted).steps()


class _Checker:
    """Carries what earlier steps have proven; a later step whose ground is missing is not checked."""

    def __init__(self, run: Path, trusted: keys.PublicKey | None) -> None:
        self._run = run
        self._names = configuration_in(run)
        self._trusted = trusted
        self._envelope: envelope.Envelope | None = None
        self._keyid: str | None = None
        self._payload: bytes | None = None
        self._statement: Statement | None = None

    def steps(self) -> tuple[VerifyStep, ...]:
        checks: list[Callable[[], str]] = [
            self._well_formed,
            self._signed,
            self._trusted_key,
            self._known_statement,
            *(partial(self._digest, name) for name in self._names),
            self._subject,
            self._judgement,
        ]
        return tuple(_step(number, check) for number, check in enumerate(checks, start=1))

    def _well_formed(self) -> str:
        content = _read(self._run, folder.EVIDENCE)
        try:
            decoded = envelope.decode(content)
            written = envelope.encode(decoded)
        except (envelope.EnvelopeRefused, ValueError) as error:
            raise Refused(f"{folder.EVIDENCE} is {error}.") from None
        if written != content:
            raise Refused(f"{folder.EVIDENCE} is not in the form in which it was written.")
        self._envelope = decoded
        return f"{folder.EVIDENCE} is a well-formed DSSE envelope."

    def _signed(self) -> str:
        sealed = _needs(self._envelope, 1)
        pem = _read(self._run, folder.PUBLIC_KEY)
        try:
            key = keys.load_public(pem)
            payload = envelope.verify(sealed, [key])
        except RehearsalError as error:
            raise Refused(f"The signature does not hold with {folder.PUBLIC_KEY}: {error}.") from None
        keyid = keys.keyid_of(key)
        if pem != keys.public_pem(key) or {signature.keyid for signature in sealed.signatures} != {keyid}:
            raise Refused(f"{folder.PUBLIC_KEY} and the key named in {folder.EVIDENCE} do not agree.")
        if len(sealed.signatures) != len(envelope.signers(sealed, [key])):
            raise Refused(
                f"{folder.EVIDENCE} carries {len(sealed.signatures)} signatures, and one key signed."
            )
        self._keyid, self._payload = keyid, payload
        return f"The signature is by the key in {folder.PUBLIC_KEY}."

    def _trusted_key(self) -> str:
        keyid = _needs(self._keyid, 2)
        if self._trusted is None:
            return f"The key is {keyid}; no trusted key was given, so ask its owner whether it is theirs."
        if keyid != keys.keyid_of(self._trusted):
            raise Refused(f"The key {keyid} is not the trusted key {keys.keyid_of(self._trusted)}.")
        return f"The key {keyid} is the trusted key."

    def _known_statement(self) -> str:
        payload = _needs(self._payload, 2)
        try:
            decoded = msgspec.convert(envelope.unambiguous_json(payload), Statement)
        except (ValueError, RecursionError) as error:
            raise Refused(
                f"The signed payload is not an in-toto statement of a test result: {error}."
            ) from None
        if (decoded.type_, decoded.predicate_type) != (STATEMENT_TYPE, PREDICATE_TYPE):
            raise Refused(f"The signed payload is of unknown type {decoded.type_}, {decoded.predicate_type}.")
        names = [resource.name for resource in decoded.predicate.configuration]
        if sorted(names) != sorted(self._names):
            raise Refused("The signed statement does not cover each file of a run once.")
        self._statement = decoded
        return f"The statement is an in-toto test result and covers all {len(names)} files."

    def _digest(self, name: str) -> str:
        signed = _needs(self._statement, 4).predicate.configuration
        expected = next(resource.digest.get("sha256") for resource in signed if resource.name == name)
        try:
            actual = folder.sha256_of(_regular(self._run, name))
        except OSError as error:
            raise Refused(f"{name} cannot be read: {error.strerror}.") from None
        if actual != expected:
            raise Refused(f"{name} was changed after it was signed.")
        return f"{name} is as it was signed."

    def _subject(self) -> str:
        subject = _needs(self._statement, 4).subject
        record = _decoded(self._run, folder.RUN, RunRecord)
        if [resource.digest for resource in subject] != [{"sha256": record.shop_digest}]:
            raise Refused(f"The statement is about another shop than {folder.RUN} names.")
        return f"The statement is about the shop that {folder.RUN} names."

    def _judgement(self) -> str:
        signed = _needs(self._statement, 4).predicate
        findings = _decoded(self._run, folder.FINDINGS, tuple[Finding, ...])
        written = _decoded(self._run, folder.VERDICT, VerdictRecord).verdict
        verdict = verdict_of(findings)
        if verdict is not written:
            raise Refused(f"{folder.VERDICT} says {written}, but the findings add up to {verdict}.")
        if (signed.result, signed.passed_tests, signed.failed_tests, signed.warned_tests) != (
            result_of(verdict),
            *named_tests(findings),
            (),
        ):
            raise Refused("The signed result does not follow from the findings.")
        return f"The findings add up to {verdict}, as {folder.VERDICT} and the signed result say."


def _step(number: int, check: Callable[[], str]) -> VerifyStep:
    try:
        return VerifyStep(number, ok=True, sentence=check())
    except Refused as refused:
        return VerifyStep(number, ok=False, sentence=str(refused))


def _needs(value: T | None, step: int) -> T:
    if value is None:
        raise Refused(f"Not checked: step {step} does not hold.")
    return value


def _read(run: Path, name: str) -> bytes:
    try:
        return _regular(run, name).read_bytes()
    except OSError as error:
        raise Refused(f"{name} cannot be read: {error.strerror}.") from None


def _regular(run: Path, name: str) -> Path:
    """Return the file's path; a device or a pipe in its place would never end."""
    path = run / name
    if not path.is_file():
        raise Refused(f"{name} is missing.")
    return path


def _decoded(run: Path, name: str, kind: type[T]) -> T:
    try:
        return folder.read_json(_regular(run, name), kind)
    except RehearsalError as error:
        raise Refused(str(error)) from None
