"""The contract that every source keeps; one joins by being there, and so do its payloads."""

import contextlib
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from purchasing.answers import Receipt
from purchasing.errors import (
    ConfigurationError,
    MalformedError,
    UnauthenticatedError,
)
from purchasing.handshakes import HidesSecrets, Refuses, SignsBody
from purchasing.notification import Notification
from purchasing.sources import Source, discover, webhook_formats
from purchasing.trust import Strength
from purchasing.updates import Finding
from tests.reading import (
    Payload,
    decide,
    notification,
    payloads,
    read,
    secrets_for,
    takes_any_secret,
    trust_in,
    whole_sources,
)
from tests.strategies import DEEP, altered, bodies, damaged, headers, texts
from tests.understanding import NOW, assert_is_understood, is_authentic, signed

SOURCES = whole_sources()
PAYLOADS = payloads()

# Their events name a record that has to be fetched, so nothing of them is ever understood.
THIN = frozenset({"quickbooks", "xero"})

# What is no part of any proof.
_PLAIN_HEADERS = frozenset({"content-type", "user-agent"})

# There are hundreds of payloads, so that each of them needs fewer examples than other properties.
FEW = settings(max_examples=max(1, settings().max_examples // 4))


def code_of(payload: Payload) -> str:
    """The code that decides where the one parcel of a payload is; empty where there is none."""
    states = [update.get("current", {}) for update in payload.expected["updates"]]
    is_known = len(states) == 1 and states[0].get("meaning")
    return states[0]["code"].partition("/")[0] if is_known else ""


# The payloads with a known code in them, as it is told.
KNOWN = [it for it in PAYLOADS if code_of(it) and f'"{code_of(it)}' in it.body.decode()]

each_source = pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
each_payload = pytest.mark.parametrize("payload", PAYLOADS, ids=[it.name for it in PAYLOADS])


def payloads_of(source: Source) -> list[Payload]:
    """The payloads of a source's format."""
    return [payload for payload in PAYLOADS if payload.format == source.name]


def a_body(source: Source) -> bytes:
    """One body that this source may well get."""
    return payloads_of(source)[0].body


def covers_body(source: Source) -> bool:
    """Whether the sender's proof depends on the body; a mere token does not."""
    body = a_body(source)
    return signed(source, body).headers != signed(source, body + b" ").headers


def covers_time(source: Source) -> bool:
    """Whether the sender's proof depends on the time."""
    body = a_body(source)
    later = NOW + timedelta(days=1)
    return signed(source, body).headers != signed(source, body, at=later).headers


def proofs(posted: Notification) -> list[str]:
    """The headers that prove the sender."""
    return [name for name in posted.headers if name not in _PLAIN_HEADERS]


def with_header(posted: Notification, name: str, value: str | None) -> Notification:
    """The notification with one header changed, or without it."""
    others = {key: kept for key, kept in posted.headers.items() if key != name}
    changed = others if value is None else others | {name: value}
    return msgspec.structs.replace(posted, headers=changed)


@each_source
def test_a_source_says_what_it_is(source: Source) -> None:
    """A source tells its name, which is its module's, its title, and how it proves its sender."""
    assert SOURCES[source.name] is source
    assert source.title.strip()
    assert source.authenticity.strip()
    assert isinstance(source.strength, Strength)
    assert source.codes.strip()
    assert isinstance(source.is_posted_to_webhooks, bool)


@each_source
def test_a_sender_is_told_that_its_notification_is_kept(source: Source) -> None:
    """Every sender is answered with success, and a repetition as the first one was."""
    posted = signed(source, a_body(source))
    first, again = (source.answer(posted, Receipt("n-1", it)) for it in (False, True))

    assert first.status in (200, 202)
    assert first.status == again.status
    assert first.content_type == again.content_type


@each_source
def test_a_source_is_the_one_public_name_of_its_module(source: Source) -> None:
    """A source's class is private: others reach it by `SOURCE` and the protocol alone."""
    assert type(source).__name__.startswith("_")
    assert type(source).__module__ == f"purchasing.sources.{source.name}"


@each_source
def test_a_format_has_payloads(source: Source) -> None:
    """Every format has payloads of which some are understood and some not, but of thin ones."""
    understood = {bool(payload.expected["updates"]) for payload in payloads_of(source)}
    needed = {False} if source.name in THIN else {True, False}

    assert understood == needed, "one that is understood is needed, and one that is not"


def test_a_payload_belongs_to_a_format() -> None:
    """No payload is left over from a format that is gone or misspelt."""
    assert {payload.format for payload in PAYLOADS} <= set(SOURCES)


@each_payload
def test_the_right_key_opens(payload: Payload) -> None:
    """What the sender signs with the right key is accepted."""
    source = SOURCES[payload.format]

    assert is_authentic(source, signed(source, payload.body))


@each_payload
def test_a_wrong_key_does_not_open(payload: Payload) -> None:
    """What is signed with another key is refused."""
    source = SOURCES[payload.format]

    assert not is_authentic(source, signed(source, payload.body, secrets_for(source)[1]))


@each_source
def test_without_proof_it_is_refused(source: Source) -> None:
    """A notification without any header is refused."""
    assert not is_authentic(source, notification(source.name, a_body(source)))


@each_source
def test_a_source_without_secrets_refuses_everything(source: Source) -> None:
    """A source for which no secret is configured refuses even what is signed with nothing."""
    for secret in (secrets_for(source)[0], ""):
        if secret or takes_any_secret(source):
            posted = signed(source, a_body(source), secret)
            with pytest.raises(UnauthenticatedError):
                source.authenticate(posted, trust_in(source), NOW)


@each_source
@pytest.mark.parametrize("used", [0, 1, 2])
def test_any_of_several_secrets_opens(source: Source, used: int) -> None:
    """While a key is changed, the new one and the old ones open alike."""
    secrets = secrets_for(source)[2:]

    assert is_authentic(source, signed(source, a_body(source), secrets[used]), *secrets)
    assert not is_authentic(source, signed(source, a_body(source)), *secrets)


@pytest.mark.parametrize("source", [it for it in SOURCES.values() if takes_any_secret(it)])
@pytest.mark.parametrize("secret", ["sécret ✓ 密", "$(x) %s {0}", "a b\tc", "x" * 500])
def test_a_secret_may_be_any_text(source: Source, secret: str) -> None:
    """A secret with letters of any script, spaces or signs opens like any other."""
    assert is_authentic(source, signed(source, a_body(source), secret), secret)


@each_payload
@FEW
@given(data=st.data())
def test_a_changed_body_is_refused(payload: Payload, data: st.DataObject) -> None:
    """One changed byte of the body is enough to refuse it, wherever it is."""
    source = SOURCES[payload.format]
    if not covers_body(source):
        assert not {"hmac", "body"} & set(source.authenticity.lower().replace("-", " ").split())
        return
    posted = signed(source, payload.body)
    place = data.draw(st.integers(0, len(payload.body) - 1), label="place")
    change = data.draw(st.integers(1, 255), label="change")
    body = bytearray(payload.body)
    body[place] ^= change

    assert not is_authentic(source, msgspec.structs.replace(posted, body=bytes(body)))
    assert not is_authentic(source, msgspec.structs.replace(posted, body=payload.body + b"\n"))


@each_source
@given(data=st.data())
def test_a_changed_proof_is_refused(source: Source, data: st.DataObject) -> None:
    """A proof is refused when anything of it is changed."""
    posted = signed(source, a_body(source))
    if isinstance(source, SignsBody):
        secret = secrets_for(source)[0]
        place = data.draw(st.integers(0, len(secret) - 1), label="place")
        visible = st.characters(codec="utf-8", categories=("L", "N", "P", "S"))
        sign = data.draw(visible.filter(lambda it: it != secret[place]), label="sign")
        changed = secret[:place] + sign + secret[place + 1 :]
        assert not is_authentic(source, signed(source, a_body(source), changed))
        return
    name = data.draw(st.sampled_from(proofs(posted)), label="header")
    value = posted.headers[name]
    place = data.draw(st.integers(0, len(value) - 1), label="place")
    # The name of a scheme, such as Bearer, is the same in any case.
    alike = value[place] + value[place].swapcase()
    sign = data.draw(st.characters(codec="latin-1", exclude_characters=alike), label="sign")
    changed = value[:place] + sign + value[place + 1 :]

    assert not is_authentic(source, with_header(posted, name, changed))


@each_source
@given(value=texts | st.text(alphabet="0123456789abcdef=:,"))
def test_a_foreign_proof_is_refused(source: Source, value: str) -> None:
    """Whatever else stands in the place of a proof is refused."""
    posted = signed(source, a_body(source))
    if isinstance(source, SignsBody) and value.strip() != secrets_for(source)[0]:
        with contextlib.suppress(MalformedError):  # Not every text can stand in a document.
            assert not is_authentic(source, signed(source, a_body(source), value))

    for name in proofs(posted):
        assert value == posted.headers[name] or not is_authentic(
            source, with_header(posted, name, value)
        )


@each_source
def test_a_dropped_proof_proves_nothing(source: Source) -> None:
    """Without one of the headers of a proof it is refused, or what is left is a whole proof."""
    posted = signed(source, a_body(source))
    changed = msgspec.structs.replace(posted, body=posted.body + b" ")
    forged = signed(source, a_body(source), secrets_for(source)[1])
    if isinstance(source, SignsBody):
        assert not is_authentic(source, msgspec.structs.replace(posted, body=a_body(source)))

    for name in proofs(posted):
        if is_authentic(source, with_header(posted, name, None)):
            assert not covers_body(source) or not is_authentic(
                source, with_header(changed, name, None)
            )
            assert not is_authentic(source, with_header(forged, name, None))


@each_source
def test_a_clock_outside_the_window_is_refused(source: Source) -> None:
    """Where the proof covers a time, one that is too far from now is refused, on either side."""
    posted = signed(source, a_body(source))
    tolerance = trust_in(source).tolerance
    moment = timedelta(seconds=2)  # Senders write whole seconds.

    for side in (-1, 1):
        assert is_authentic(source, posted, now=NOW + side * (tolerance - moment))
        is_late_accepted = is_authentic(source, posted, now=NOW + side * (tolerance + moment))
        assert is_late_accepted is not covers_time(source)


@each_source
@given(body=bodies, given_headers=headers, data=st.data())
def test_any_posting_is_judged(
    source: Source, body: bytes, given_headers: dict[str, str], data: st.DataObject
) -> None:
    """Any bytes with any headers are found authentic, or refused with our own error."""
    posted = signed(source, a_body(source))
    theirs = {
        name: data.draw(texts, label=name)
        for name in data.draw(st.sets(st.sampled_from(sorted(posted.headers))), label="theirs")
    }
    sent = msgspec.structs.replace(posted, body=body, headers=given_headers | theirs)

    assert is_authentic(source, sent) in (True, False)


@each_payload
@FEW
@given(data=st.data())
def test_what_is_stored_holds_no_secret(payload: Payload, data: st.DataObject) -> None:
    """A body that shows a secret is stored without it, reads the same, and is known again."""
    source = SOURCES[payload.format]
    if not isinstance(source, HidesSecrets):
        return
    posted = signed(source, payload.body)
    stored = msgspec.structs.replace(posted, body=source.without_secrets(posted.body))
    damage = data.draw(damaged(posted.body), label="damage")

    assert secrets_for(source)[0].encode() not in stored.body
    assert read(source, stored) == read(source, posted)
    assert source.delivery_key(stored) == source.delivery_key(posted)
    assert source.without_secrets(stored.body) == stored.body
    assert isinstance(source.without_secrets(damage), bytes)


@each_source
def test_a_sender_may_be_refused_in_its_own_language(source: Source) -> None:
    """A sender that wants its own refusals has one that repeats nothing of the notification."""
    if isinstance(source, Refuses):
        posted = signed(source, a_body(source), secrets_for(source)[1])
        refusal = source.refusal(posted)

        # Where the answer itself does not say so, its status does.
        assert refusal.body or refusal.status == 401
        assert secrets_for(source)[1].encode() not in refusal.body


@each_source
@given(body=bodies)
def test_any_bytes_are_read_or_refused(source: Source, body: bytes) -> None:
    """Any bytes have a delivery key, and a reading or one of our errors."""
    assert_is_understood(source, notification(source.name, body))


@each_source
@pytest.mark.parametrize("body", DEEP, ids=["arrays", "objects", "closed"])
def test_bottomless_documents_are_refused(source: Source, body: bytes) -> None:
    """A document that is nested more deeply than a stack holds is refused like any other."""
    assert_is_understood(source, notification(source.name, body))


@each_payload
@FEW
@given(data=st.data())
def test_a_damaged_payload_is_read_or_refused(payload: Payload, data: st.DataObject) -> None:
    """A payload that was damaged on its way has a reading or one of our errors."""
    source = SOURCES[payload.format]
    body = data.draw(damaged(payload.body), label="body")

    assert_is_understood(source, notification(source.name, body))


@each_payload
@FEW
@given(data=st.data())
def test_an_altered_payload_is_decided(payload: Payload, data: st.DataObject) -> None:
    """A payload with something unexpected in it is decided in one way or another, and kept."""
    source = SOURCES[payload.format]
    document = payload.body
    with contextlib.suppress(ValueError):
        document = data.draw(altered(json.loads(payload.body)), label="body")

    assert_is_understood(source, notification(source.name, document))


@each_payload
def test_a_payload_is_read_as_a_person_reads_it(payload: Payload) -> None:
    """A payload's reading is the one that a person gave it."""
    source = SOURCES[payload.format]

    reading = read(source, notification(source.name, payload.body))

    assert written(reading.updates) == payload.expected["updates"]
    assert_findings(reading.ignored, payload.expected["ignored"])
    assert_findings(reading.held, payload.expected["held"])


@pytest.mark.parametrize("payload", KNOWN, ids=[it.name for it in KNOWN])
def test_a_code_that_nobody_knows_is_held(payload: Payload) -> None:
    """A code of no table says nothing of the parcel, whatever else is said; a kind is not read."""
    code = code_of(payload).encode()
    unknown = payload.body.replace(b'"%b"' % code, b'"NOBODYS"')
    # A document in JSON may be a text within another.
    unknown = unknown.replace(b'\\"%b\\"' % code, b'\\"NOBODYS\\"')

    decision = decide(SOURCES[payload.format], notification(payload.format, unknown))

    judged = [it for part in decision.judgements for it in (*part.held, *part.ignored)]
    assert unknown != payload.body
    assert {"unknown_status", "unsupported_kind"} & {finding.reason for finding in judged}
    assert not decision.commands


@each_payload
def test_a_payload_is_told_as_a_person_would(payload: Payload) -> None:
    """What Cofactr is told of a payload, and what is held and why, is what a person said."""
    source = SOURCES[payload.format]
    expected = payload.expected.get("planned", {})

    decision = decide(source, notification(source.name, payload.body))

    if not expected:
        assert bool(decision.commands) <= bool(payload.expected["updates"])
        return
    told = [written(command.body) for command in decision.commands]
    cases = zip(told, expected["commands"], strict=True)
    assert [{name: body.get(name) for name in wanted} for body, wanted in cases] == expected[
        "commands"
    ]
    for name in ("held", "ignored", "attention"):
        assert [finding.reason for finding in getattr(decision, name)] == expected[name], name


def written(value: object) -> Any:
    """A value as it is written in JSON."""
    return msgspec.json.decode(msgspec.json.encode(value))


def assert_findings(found: tuple[Finding, ...], expected: list[dict[str, str]]) -> None:
    """Findings have the expected reasons, and the details where they are given."""
    given_names = [set(finding) for finding in expected]
    assert len(found) == len(expected)
    assert [
        {name: getattr(finding, name) for name in names}
        for finding, names in zip(found, given_names, strict=True)
    ] == expected
    assert all(finding.detail for finding in found)


@each_payload
def test_a_repeated_payload_keeps_its_key(payload: Payload) -> None:
    """A sender that posts the same again is recognised, whenever it signs."""
    source = SOURCES[payload.format]
    posted = signed(source, payload.body)
    again = signed(source, payload.body, at=NOW + timedelta(hours=3))

    assert source.delivery_key(posted) == source.delivery_key(again)


@each_source
def test_different_notifications_have_different_keys(source: Source) -> None:
    """No two payloads of a webhook pass for the same one; an internal post is always new."""
    keys = {
        source.delivery_key(notification(source.name, payload.body, id_=payload.case))
        for payload in payloads_of(source)
    }

    assert len(keys) == len(payloads_of(source))


def test_formats_of_webhooks_are_those_that_may_be_configured() -> None:
    """What internal services post is no format that a source may name."""
    formats = webhook_formats(SOURCES)

    assert "easypost" in formats
    assert "internal" not in formats
    assert formats == {name for name, it in SOURCES.items() if it.is_posted_to_webhooks}


def test_the_sources_cannot_be_changed() -> None:
    """Nobody adds a source to what was found."""
    with pytest.raises(TypeError):
        SOURCES["easypost"] = SOURCES["internal"]  # type: ignore[index]  # the point of the test


GOOD = """
class _Good:
    name = "{name}"
    title = "Good"
    authenticity = "none"
    strength = "shown secret"
    codes = "none"
    is_posted_to_webhooks = True

    def authenticate(self, notification, trust, now): ...
    def delivery_key(self, notification): ...
    def read(self, notification): ...
    def answer(self, notification, receipt): ...
    def sign(self, notification, trust, now): ...


SOURCE = _Good()
"""

Modules = Callable[[Mapping[str, str]], Mapping[str, Source]]


@pytest.fixture
def found_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Modules:
    """Discovers the sources of a package that is made of the given modules."""

    def discovered(modules: Mapping[str, str]) -> Mapping[str, Source]:
        package = f"sources_{uuid4().hex}"
        folder = tmp_path / package
        folder.mkdir()
        (folder / "__init__.py").touch()
        for name, text in modules.items():
            (folder / f"{name}.py").write_text(text)
        monkeypatch.syspath_prepend(tmp_path)
        return discover(package, [str(folder)])

    return discovered


def test_sources_are_found_by_walking_the_folder(found_in: Modules) -> None:
    """Every module of the folder is a source, under its own name."""
    found = found_in({name: GOOD.format(name=name) for name in ("zebra", "alpha")})

    assert list(found) == ["alpha", "zebra"]
    assert isinstance(found["zebra"], Source)
    assert found_in({}) == {}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("import nothing_of_that_name", "cannot be loaded: ModuleNotFoundError"),
        ("raise RuntimeError('half written')", "cannot be loaded: RuntimeError: half written"),
        ("SOURCE = (", "cannot be loaded: SyntaxError"),
        ("x = 1", "has no SOURCE that is a Source"),
        ("SOURCE = 'crooked'", "has no SOURCE that is a Source"),
        (
            GOOD.format(name="crooked").replace("def read(", "def said("),
            "has no SOURCE that is a Source",
        ),
        (
            GOOD.format(name="crooked").replace("_Good()", "_Good"),
            "has no SOURCE that is a Source",
        ),
        (GOOD.format(name="straight"), 'calls itself "straight"'),
    ],
    ids=["import", "raises", "syntax", "none", "text", "incomplete", "class", "name"],
)
def test_a_defective_source_stops_the_start(found_in: Modules, text: str, sentence: str) -> None:
    """A module that is no source stops the start with a sentence that names it."""
    with pytest.raises(ConfigurationError) as stopped:
        found_in({"alpha": GOOD.format(name="alpha"), "crooked": text})

    assert str(stopped.value).startswith("The source crooked ")
    assert sentence in str(stopped.value)
