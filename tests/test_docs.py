"""The documentation names everything that a user can meet, and what it shows works."""

import ast
import importlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import pytest
from cyclopts import App

from purchasing import handshakes
from purchasing.commands import NEEDS_LEAVE
from purchasing.configuration import Configuration, SourceSettings, read_configuration
from purchasing.errors import MalformedError, UnauthenticatedError, UnsupportedError
from purchasing.notification import Notification
from purchasing.sources import Source, all_sources, discover, webhook_formats
from purchasing.telemetry import Log, Metric
from purchasing.tracking import _ATTENTION
from purchasing.trust import Trust
from purchasing.updates import Meaning, TrackingUpdate
from service.app import create_app
from service.problems import TYPES
from service.settings import Settings
from store import keys
from tallyman import cli
from tests.pages import PAGES, ROOT, blocks, codes, prose_of, rows, sections, text_of

PACKAGES = ("purchasing", "store", "service", "workers", "tallyman")

_LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)(?:#[^)\s]*)?\)")
_VARIABLE = re.compile(r"^(?:REDIS_URL|(?:COFACTR|TALLYMAN)_[A-Z_]+)$")
_ROOT_PATH = re.compile(r"(?<![\w.`/-])/(?:home|root|tmp|work|Users)/")


# The configuration


def tables_of(configuration: type[msgspec.Struct]) -> dict[str, Any]:
    """The tables of the file, each with the type of its content."""
    return get_type_hints(configuration)


def struct_in(hint: Any) -> type[msgspec.Struct] | None:
    """The Struct that a table or each of several tables is, where it is one."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return hint
    return next((it for each in get_args(hint) if (it := struct_in(each))), None)


def heading_of(name: str, hint: Any) -> str:
    """How a table of the file is written in a heading."""
    match get_origin(hint):
        case origin if origin is dict and struct_in(hint):
            return f"`[{name}.NAME]`"
        case origin if origin is tuple:
            return f"`[[{name}]]`"
        case _:
            return f"`[{name}]`"


def shown_default(field: msgspec.structs.FieldInfo) -> str:
    """A default as the page shows it."""
    if field.required:
        return "required"
    value = field.default
    if value is msgspec.NODEFAULT:
        value = field.default_factory()
    if value is None:
        return "none"
    plain = msgspec.to_builtins(value)
    whole = int(plain) if isinstance(plain, float) and plain.is_integer() else plain
    return f"`{json.dumps(whole)}`"


def settings_of(kind: type[msgspec.Struct]) -> dict[str, str]:
    """The settings of a table, each with its default as the page shows it."""
    return {field.name: shown_default(field) for field in msgspec.structs.fields(kind)}


@pytest.mark.parametrize("name", sorted(tables_of(Configuration)))
def test_every_setting_is_documented_with_its_default(name: str) -> None:
    """The page of the configuration lists every setting of every table, with its default."""
    hint = tables_of(Configuration)[name]
    documented = sections(text_of("docs/configuration.md"), 3)
    section = documented[heading_of(name, hint)]
    kind = struct_in(hint)
    if kind is None:
        assert rows(section), "a table whose keys are not fixed is explained in a row"
        return
    listed = {row[0].strip("`"): row[1] for row in rows(section)}
    assert listed == settings_of(kind)


def test_the_example_configuration_can_be_read() -> None:
    """The example of a whole configuration is one."""
    environment = {
        "ERP_TOKEN": "a",
        "EASYPOST_SECRET": "b",
        "EASYPOST_OLD_SECRET": "c",
        "AFTERSHIP_SECRET": "d",
        "TRACKINGMORE_SECRET": "e",
        "TRACKINGMORE_PATH_TOKEN": "f" * 16,
        "DHL_HOOK_TOKEN": "d",
        "DHL_API_KEY": "e",
        "USPS_SECRET": "f",
        "SHIPENGINE_TRIAL_KEY": "d",
        "FEDEX_TOKEN": "d",
        "ACME_SECRET": "d",
        "EDIFACT_SECRET": "d",
        "X12_SECRET": "d",
        "UBL_SECRET": "d",
        "OPENTRANS_SECRET": "e",
        "QUAYSIDE_SECRET": "d",
        "TI_SECRET": "d",
        "SHOPIFY_SECRET": "d",
        "STRIPE_SECRET": "d",
        "XERO_WEBHOOKS_KEY": "d",
        "QUICKBOOKS_VERIFIER_TOKEN": "d",
        "UPS_CLIENT_SECRET": "d",
        "UPS_CREDENTIAL": "e",
        "UPS_PATH_TOKEN": "f" * 16,
        "KARRIO_SECRET": "d",
        "SHIPPO_SECRET": "e",
        "SEVENTEENTRACK_API_KEY": "d",
        "SHIP24_SECRET": "e",
        "SHIP24_PATH_TOKEN": "f" * 16,
    }
    formats = webhook_formats(all_sources())
    examples = [
        text
        for page in PAGES
        for _, language, text in blocks(page.read_text(encoding="utf-8"))
        if language == "toml"
    ]
    assert len(examples) > 1
    for example in examples:
        read_configuration(example, environment, formats, file="tallyman.toml")


def test_the_types_that_need_leave_are_documented() -> None:
    """The setting `allow` names every event type that it may name."""
    section = sections(text_of("docs/configuration.md"), 3)["`[sources.NAME]`"]
    (allow,) = (row for row in rows(section) if row[0] == "`allow`")
    assert codes(allow[2]) == {str(needful) for needful in NEEDS_LEAVE}


def modules() -> Iterator[tuple[Path, ast.Module]]:
    """Every module of ours, parsed."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def variables_in_code() -> set[str]:
    """The environment variables that our code names."""
    return {
        node.value
        for _, module in modules()
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if _VARIABLE.match(node.value)
    }


def test_every_environment_variable_is_documented() -> None:
    """The page of the configuration lists every environment variable that is read, and no other."""
    section = sections(text_of("docs/configuration.md"), 2)["The environment"]
    assert {row[0].strip("`") for row in rows(section)} == variables_in_code()


# Problems and reasons


def test_every_type_of_problem_is_documented() -> None:
    """The page of the problems has every type that the service answers, with its status."""
    documented = sections(text_of("docs/problems.md"), 2)
    assert set(documented) == set(TYPES)
    for kind, (status, _) in TYPES.items():
        assert f"Status {status}" in documented[kind], kind


def reasons_in_code() -> set[str]:
    """The reasons that our code gives by name."""
    found: set[str] = set()
    for path, module in modules():
        if path.parts[-2:] == ("store", "durability.py"):
            continue  # Its findings are about a server.
        for node in ast.walk(module):
            match node:
                case ast.Call(
                    func=ast.Name(
                        id="Finding" | "UnsupportedError" | "HeldError" | "held" | "ignored"
                    ),
                    args=[ast.Constant(value=str() as reason), *_],
                ):
                    found.add(reason)
    return found


def test_every_reason_is_documented() -> None:
    """The page of the reasons explains every reason that is given, and no other."""
    given = reasons_in_code() | {str(meaning) for meaning in _ATTENTION}
    given.add("discarded")  # The script that carries a person's decision out gives it.
    page = sections(text_of("docs/reasons.md"), 2)
    explained = {
        name.strip("`")
        for title in ("Held", "Ignored", "Attention")
        for name in sections(page[title], 3)
    }
    assert explained == given
    reserved = codes(page.get("Reserved", ""))
    assert not reserved & given, "what is given is no longer reserved"


def test_every_state_is_documented() -> None:
    """The page of the reasons explains every state of a notification."""
    section = sections(text_of("docs/reasons.md"), 2)["The states"]
    assert {row[0].strip("`") for row in rows(section)} == set(keys.STATES)


@pytest.mark.parametrize(("title", "names"), [("The log", Log), ("The metrics", Metric)])
def test_every_name_that_is_logged_or_measured_is_documented(
    title: str, names: type[StrEnum]
) -> None:
    """The page on operating explains every event of the log and every metric."""
    section = sections(text_of("docs/operating.md"), 2)[title]
    assert {row[0].strip("`") for row in rows(section)} == {str(name) for name in names}


# Sources


@pytest.mark.parametrize("name", sorted(all_sources()))
def test_every_source_has_its_page(name: str) -> None:
    """Every source has a page that begins with its title and says what is verified."""
    page = text_of(f"docs/sources/{name}.md")
    assert page.startswith(f"# {all_sources()[name].title}")
    assert "## What is verified" in page
    assert "## What becomes what" in page


def tables_of_codes(name: str) -> set[tuple[str, str]]:
    """Every code in the tables of a source's module, with its meaning; "" says nothing more."""
    module = importlib.import_module(f"purchasing.sources.{name}")
    return {
        (code, str(meaning or ""))
        for attribute, table in vars(module).items()
        if isinstance(table, dict) and not attribute.startswith("__")
        for code, meaning in table.items()
        if isinstance(code, str) and (meaning is None or isinstance(meaning, Meaning))
    }


@pytest.mark.parametrize("name", sorted(webhook_formats(all_sources())))
def test_every_code_of_a_source_is_documented(name: str) -> None:
    """The page of a source lists each of the sender's codes with its meaning, and no other."""
    page = sections(text_of(f"docs/sources/{name}.md"), 2)["What becomes what"]
    meanings = {str(meaning) for meaning in Meaning}
    listed = {
        (code, next(iter(codes(row[1]) & meanings), ""))
        for row in rows(page)
        if codes(row[1]) & meanings or row[1] == "that of the status"
        for code in codes(row[0])
    }
    assert listed == tables_of_codes(name)


# Adding a source: the example is taken out of the page and run.

GUIDE = "docs/adding-a-source.md"
EXAMPLE = "quayline"
SECRET = "example-secret"
NOW = datetime(2026, 11, 19, 15, 30, tzinfo=UTC)


def example_file(path: str) -> str:
    """A file of the worked example, by the path that the page gives it."""
    (found,) = (text for before, _, text in blocks(text_of(GUIDE)) if before == f"`{path}`:")
    return found


@pytest.fixture
def quayline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    """The source of the worked example, found as sources are found at start-up."""
    folder = tmp_path / "documented_sources"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / f"{EXAMPLE}.py").write_text(
        example_file(f"purchasing/sources/{EXAMPLE}.py"), encoding="utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    return discover("documented_sources", [str(folder)])[EXAMPLE]


def posted(body: bytes, headers: Mapping[str, str] | None = None) -> Notification:
    """A notification of the worked example."""
    return Notification(
        id="0" * 24,
        source=EXAMPLE,
        format=EXAMPLE,
        received_at=NOW,
        body=body,
        headers=dict(headers or {}),
        path=f"/webhooks/{EXAMPLE}",
    )


def payload(**changes: Any) -> bytes:
    """The notification of the worked example, with some of its fields changed."""
    notice = json.loads(example_file(f"tests/payloads/{EXAMPLE}/arrived.json"))
    return msgspec.json.encode(notice | changes)


def is_authentic(
    source: Source, notification: Notification, secrets: Sequence[str], now: datetime = NOW
) -> bool:
    """Whether the source takes the notification for its sender's."""
    trust = Trust(settings=SourceSettings(format=EXAMPLE, secrets=tuple(secrets)))
    try:
        source.authenticate(notification, trust, now)
    except UnauthenticatedError:
        return False
    return True


def test_the_example_proves_its_sender(quayline: Source) -> None:
    """The documented source accepts what it signed, and nothing that differs from it."""
    body = payload()
    headers = quayline.sign(
        posted(body), Trust(settings=SourceSettings(format=EXAMPLE, secrets=(SECRET,))), NOW
    )
    signed = posted(body, headers)

    assert is_authentic(quayline, signed, [SECRET])
    assert is_authentic(quayline, signed, ["newer", SECRET])
    assert not is_authentic(quayline, signed, ["newer"])
    assert not is_authentic(quayline, signed, [])
    assert not is_authentic(quayline, posted(body), [SECRET])
    assert not is_authentic(quayline, posted(body + b" ", headers), [SECRET])
    assert not is_authentic(quayline, signed, [SECRET], NOW + timedelta(seconds=302))


def test_the_example_reads_its_payload(quayline: Source) -> None:
    """The documented source reads the documented payload as the page says."""
    reading = quayline.read(posted(payload()))
    expected = json.loads(example_file(f"tests/payloads/{EXAMPLE}/arrived.expected.json"))
    assert json.loads(msgspec.json.encode(reading)) == expected


def test_the_example_keeps_the_rules(quayline: Source) -> None:
    """The documented source guesses nothing, and ends any bytes in a value or in our errors."""
    parcel = json.loads(payload())["parcel"]
    (update,) = quayline.read(posted(payload(parcel=parcel | {"code": "NEW"}))).updates
    assert isinstance(update, TrackingUpdate)
    assert update.current.meaning is None

    with pytest.raises(UnsupportedError) as trial:
        quayline.read(posted(payload(trial=True)))
    assert trial.value.reason == "test_mode"
    with pytest.raises(UnsupportedError) as other:
        quayline.read(posted(payload(kind="invoice.ready")))
    assert other.value.reason == "unsupported_kind"
    for broken in (b"", b"\xff", b"[]", b"{}", b"[" * 100_000, payload(parcel=None)):
        with pytest.raises(MalformedError):
            quayline.read(posted(broken))

    assert quayline.delivery_key(posted(payload())) == "qn_7f3a91"
    assert quayline.delivery_key(posted(b"\xff")).startswith("body:")


def test_the_guide_names_every_member_of_the_protocol() -> None:
    """The guide explains every member that a source must have, and every one that it may have."""
    members = {name for name in vars(Source) if not name.startswith("_")}
    needs = {
        name
        for name, value in vars(handshakes).items()
        if getattr(value, "_is_protocol", False) and value.__module__ == handshakes.__name__
    }
    listed = {row[0].strip("`").split("(")[0] for row in rows(text_of(GUIDE))}
    assert listed == members | needs


# Commands and routes


def commands_in(app: App, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], App]]:
    """Every command that does something, by the words that call it."""
    names = [name for name in app if not name.startswith("-")]
    if not names:
        yield words, app
    for name in names:
        yield from commands_in(app[name], (*words, name))


def commands() -> dict[str, App]:
    """Every command of the command line."""
    return {" ".join(words): app for words, app in commands_in(cli.create_app(), ("tallyman",))}


def test_every_command_is_documented() -> None:
    """The page of the commands has every command, and no other."""
    documented = {
        " ".join(word for word in code.split() if word.islower() and word.isalpha())
        for title in sections(text_of("docs/commands.md"), 2)
        for code in codes(title)
    }
    assert documented == set(commands())


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_option_of_a_command_is_documented(name: str) -> None:
    """The page of the commands names every option of a command."""
    texts = sections(text_of("docs/commands.md"), 2).items()
    (section,) = (title + text for title, text in texts if re.search(rf"`{name}[ `]", title))
    options = {
        option
        for argument in commands()[name].assemble_argument_collection()
        for option in argument.names
        if option.startswith("--") and not option.startswith("--no-")
    }
    assert {option for option in options if option not in section} == set()


def lines_shown(program: str) -> list[str]:
    """Every command line of a program that a page shows to be typed."""
    typed = re.compile(rf"^\$ (?:\.venv/bin/)?({program} .+)$", re.MULTILINE)
    return [
        line
        for page in PAGES
        for _, language, text in blocks(page.read_text(encoding="utf-8"))
        if language == "console"
        for line in typed.findall(text)
    ]


def test_only_commands_that_are_there_are_shown() -> None:
    """Every command line that a page shows begins with a command that is there."""
    known = tuple(f"{name} " for name in commands())
    shown = lines_shown("tallyman")
    assert shown
    assert [line for line in shown if not f"{line} ".startswith(known)] == []


def test_only_targets_that_are_there_are_shown() -> None:
    """Every `make` that a page shows names a target that is there."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = {code for page in PAGES for code in codes(page.read_text(encoding="utf-8"))}
    lines = [*lines_shown("make"), *(code for code in named if re.match(r"^make [a-z]", code))]
    assert lines
    words = {word for line in lines for word in line.split()[1:]}
    assert {word for word in words if re.match(r"^[a-z-]+$", word)} - targets == set()


def routes() -> set[str]:
    """Every route of the service, as the page of the API writes it."""
    settings = Settings(
        redis_url="redis://localhost",
        host="127.0.0.1",
        port=0,
        admin_token="",
        configuration=Configuration(),
    )
    app = create_app(settings, clock=lambda: NOW, new_id=str)
    return {
        f"{method} {re.sub(r':(?:str|path)}', '}', route.path)}"
        for route in app.routes
        if not route.path.startswith("/schema/")  # The same document under more addresses.
        for method in getattr(route, "methods", ())
        if method not in ("HEAD", "OPTIONS")
    }


def test_every_route_is_documented() -> None:
    """The page of the API names every route of the service, and no other."""
    documented = {
        code for code in codes(text_of("docs/http.md")) if re.match(r"^[A-Z]+ /[^ ?]*$", code)
    }
    assert documented == routes()


# The pages themselves


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """Every link from one page to another file of the project leads to one that is there."""
    text = prose_of(page.read_text(encoding="utf-8"))
    broken = [link for link in _LINK.findall(text) if not (page.parent / link).exists()]
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_pages_name_no_machine(page: Path) -> None:
    """No page names a folder of the machine that it was written on."""
    assert _ROOT_PATH.findall(page.read_text(encoding="utf-8")) == []
