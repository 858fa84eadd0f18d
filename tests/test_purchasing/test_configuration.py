"""`tallyman.toml`: what is read, what is put in its place, and what stops the start."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchasing.commands import EventType
from purchasing.configuration import (
    ADMIN,
    AlertRule,
    Cofactr,
    Configuration,
    Durability,
    InDoubt,
    NoPartLinesBody,
    Retention,
    Scans,
    SourceSettings,
    ThreeWayMatch,
    read_configuration,
)
from purchasing.errors import ConfigurationError
from purchasing.sources import all_sources, webhook_formats

FORMATS = webhook_formats(all_sources())
ENVIRONMENT = {
    "ERP_TOKEN": "erp-token-1",
    "EASYPOST_SECRET": "new-secret",
    "EASYPOST_OLD_SECRET": "old-secret",
    "EMPTY": "",
    "BLANK": "  ",
}

# The example that the contract gives.
EXAMPLE = """
[cofactr]
org_id = "3b4eb1f5"           # default x-org-id; optional
requests_per_second = 20      # upstream limit, shared by all workers
max_in_flight = 64
timeout_seconds = 10
no_part_lines_body = "object" # or "array"

[internal.tokens]             # who may POST /v1/events and PUT /v1/orders
erp = "${ERP_TOKEN}"

[sources.easypost]            # the URL is /webhooks/easypost
format = "easypost"           # a module of purchasing/sources
secrets = ["${EASYPOST_SECRET}", "${EASYPOST_OLD_SECRET}"]   # newest first
org_id = "ca27f506"           # optional
allow = ["return"]            # heavy event types this source may cause
scans = "changes"             # or "all"
timestamp_tolerance_seconds = 300
dedupe_days = 14

[[alerts]]                    # first match wins
source = "easypost"           # all keys of a rule must match; each may be a list
event_type = ["track"]
send = false
reason = "scans are noise"

[in_doubt]
delivered = "park"

[retention]                   # Redis stays bounded; the ledger outlives every dedupe window
raw_days = 14
records_days = 90
ledger_days = 400
"""


def read(text: str) -> Configuration:
    """A configuration, read from its text."""
    return read_configuration(text, ENVIRONMENT, FORMATS, file="tallyman.toml")


def stopped_by(text: str) -> str:
    """The sentence that stops the start; it begins with the file and holds no secret."""
    with pytest.raises(ConfigurationError) as stopped:
        read(text)
    sentence = str(stopped.value)
    assert sentence.startswith("tallyman.toml")
    assert sentence.endswith(".")
    assert not any(value in sentence for value in ENVIRONMENT.values() if value.strip())
    return sentence


def test_the_example_of_the_contract_is_read() -> None:
    """Every setting of the contract's example is there, with the environment's values."""
    assert read(EXAMPLE) == Configuration(
        cofactr=Cofactr(org_id="3b4eb1f5"),
        internal=read('[internal.tokens]\nerp = "erp-token-1"').internal,
        sources={
            "easypost": SourceSettings(
                format="easypost",
                secrets=("new-secret", "old-secret"),
                org_id="ca27f506",
                allow=frozenset({EventType.RETURN}),
            )
        },
        alerts=(
            AlertRule(
                send=False,
                source="easypost",
                event_type=(EventType.TRACK,),
                reason="scans are noise",
            ),
        ),
        in_doubt={EventType.DELIVERED: InDoubt.PARK},
        retention=Retention(raw_days=14, records_days=90, ledger_days=400),
    )


def test_nothing_configured_has_the_documented_defaults() -> None:
    """An empty file is a configuration, whose values are those of the documentation."""
    assert read("") == Configuration()
    assert Cofactr() == Cofactr(
        org_id=None,
        requests_per_second=20,
        max_in_flight=64,
        timeout_seconds=10,
        no_part_lines_body=NoPartLinesBody.OBJECT,
    )
    assert Retention() == Retention(raw_days=14, records_days=90, ledger_days=400)
    assert Durability() == Durability(replicas=0, on_disk=True)


def test_a_source_has_the_documented_defaults() -> None:
    """A source that only names its format has the values of the documentation."""
    assert read('[sources.ep]\nformat = "easypost"').sources["ep"] == SourceSettings(
        format="easypost",
        secrets=(),
        unauthenticated=False,
        org_id=None,
        allow=frozenset(),
        suppliers=(),
        scans=Scans.CHANGES,
        identity=None,
        timestamp_tolerance_seconds=300,
        dedupe_days=14,
        max_body_bytes=1_048_576,
        stale_after_hours=72,
        three_way_match=ThreeWayMatch.ATTENTION,
    )


def test_every_setting_of_a_source_may_be_given() -> None:
    """Each setting of a source that the contract names is read."""
    source = read(
        """
        [sources.ep]
        format = "easypost"
        unauthenticated = true
        suppliers = ["Digi-Key", "Mouser"]
        identity = "us-west"
        max_body_bytes = 2_000_000
        stale_after_hours = 24
        three_way_match = "hold"
        scans = "all"
        allow = ["return", "voided", "canceled", "adjusted", "received", "divide", "combine"]
        """
    ).sources["ep"]

    assert source.suppliers == ("Digi-Key", "Mouser")
    assert (source.unauthenticated, source.identity) == (True, "us-west")
    assert (source.max_body_bytes, source.stale_after_hours) == (2_000_000, 24)
    assert (source.three_way_match, source.scans) == (ThreeWayMatch.HOLD, Scans.ALL)
    assert len(source.allow) == 7


def test_a_source_is_found_by_its_name() -> None:
    """An internal service and the administrator are sources of the internal format."""
    configuration = read(EXAMPLE)

    assert configuration.source("easypost") is configuration.sources["easypost"]
    assert configuration.source("erp") == SourceSettings(format="internal")
    assert configuration.source(ADMIN) == SourceSettings(format="internal")
    assert configuration.source("ups") is None


def test_the_environment_is_put_in_its_place() -> None:
    """A variable may stand anywhere in a text, several times, and in lists."""
    source = read(
        """
        [sources.ep]
        format = "easypost"
        secrets = ["a-${ERP_TOKEN}-${ERP_TOKEN}", "$ERP_TOKEN ${} $$"]
        """
    ).sources["ep"]

    assert source.secrets == ("a-erp-token-1-erp-token-1", "$ERP_TOKEN ${} $$")


def test_a_value_of_the_environment_is_not_looked_into() -> None:
    """A secret that reads like a variable is a secret."""
    text = '[internal.tokens]\nerp = "${TOKEN}"'
    environment = {"TOKEN": "${OTHER}", "OTHER": "x"}

    configuration = read_configuration(text, environment, FORMATS, file="f")

    assert configuration.internal.tokens == {"erp": "${OTHER}"}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[internal.tokens]\nerp = "${MISSING}"', "internal.tokens.erp"),
        ('[sources.ep]\nformat = "easypost"\nsecrets = ["${MISSING}"]', "sources.ep.secrets"),
        ('[sources.ep]\nformat = "${MISSING}"', "sources.ep.format"),
        ('[[alerts]]\nsend = true\nreason = "${MISSING}"', "alerts.reason"),
    ],
)
def test_an_unset_variable_is_named(text: str, place: str) -> None:
    """A variable that is not set stops the start with its name and its place."""
    sentence = stopped_by(text)

    assert "${MISSING}" in sentence
    assert f" {place} " in sentence


def test_an_empty_variable_counts_as_unset() -> None:
    """A variable that is set to nothing is no secret."""
    assert "${EMPTY}, which is not set" in stopped_by('[internal.tokens]\nerp = "${EMPTY}"')


def test_a_variable_that_is_no_text_is_named() -> None:
    """A variable whose bytes are no UTF-8 could be no key, and stops the start at once."""
    text = '[internal.tokens]\nerp = "${TOKEN}"'
    environment = {"TOKEN": b"caf\xe9".decode(errors="surrogateescape")}

    with pytest.raises(ConfigurationError, match=r"needs \$\{TOKEN\}, whose value is not valid"):
        read_configuration(text, environment, FORMATS, file="tallyman.toml")


@pytest.mark.parametrize(
    ("text", "place", "key", "neighbour"),
    [
        ("retries = 3", "the top level", "retries", "retention"),
        ('[cofactr]\nkey = "x"', "[cofactr]", "key", "org_id"),
        ('[internal]\ntoken = "x"', "[internal]", "token", "tokens"),
        (
            '[sources.ep]\nformat = "easypost"\nsecret = "x"',
            "[sources.ep]",
            "secret",
            "secrets",
        ),
        ("[[alerts]]\nsend = true\nevents = []", "[alerts]", "events", "event_type"),
        ("[retention]\ndays = 1", "[retention]", "days", "raw_days"),
        ("[durability]\nreplica = 1", "[durability]", "replica", "replicas"),
    ],
)
def test_an_unknown_key_is_named_with_its_neighbours(
    text: str, place: str, key: str, neighbour: str
) -> None:
    """A key that is not known stops the start with its table and the keys that are there."""
    sentence = stopped_by(text)

    assert f'{place} has no setting "{key}"; it has ' in sentence
    assert neighbour in sentence.split("it has")[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[cofactr]\nrequests_per_second = 0", "`cofactr.requests_per_second`"),
        ("[cofactr]\nmax_in_flight = 0", "`cofactr.max_in_flight`"),
        ("[cofactr]\ntimeout_seconds = 301", "`cofactr.timeout_seconds`"),
        ('[cofactr]\ntimeout_seconds = "10"', "`cofactr.timeout_seconds`"),
        ('[cofactr]\nno_part_lines_body = "list"', "`cofactr.no_part_lines_body`"),
        ('cofactr = "x"', "`cofactr`"),
        ("[sources]\nep = 3", "`sources.ep`"),
        ("[sources.ep]\nsecrets = []", "`sources.ep`"),
        ('[sources.ep]\nformat = "easypost"\nscans = "some"', "`sources.ep.scans`"),
        ('[sources.ep]\nformat = "easypost"\nsecrets = "x"', "`sources.ep.secrets`"),
        ('[sources.ep]\nformat = "easypost"\nallow = ["everything"]', "`sources.ep.allow[0]`"),
        ('[sources.ep]\nformat = "easypost"\ndedupe_days = 0', "`sources.ep.dedupe_days`"),
        (
            '[sources.ep]\nformat = "easypost"\nmax_body_bytes = 67_108_865',
            "`sources.ep.max_body_bytes`",
        ),
        (
            '[sources.ok]\nformat = "easypost"\n[sources.ep]\nformat = "easypost"\nscans = 1',
            "`sources.ep.scans`",
        ),
        ('[internal]\ntokens = ["x"]', "`internal.tokens`"),
        ("[internal.tokens]\nok = 'x'\nerp = 5", "`internal.tokens.erp`"),
        ("[[alerts]]\nreason = 'x'", "`alerts[0]`"),
        ("[[alerts]]\nsend = true\n[[alerts]]\nsend = 1", "`alerts[1].send`"),
        ('[[alerts]]\nsend = true\nevent_type = "arrived"', "`alerts[0].event_type`"),
        ("[alerts]\nsend = true", "`alerts`"),
        ('[in_doubt]\narrived = "park"', "`in_doubt`"),
        ('[in_doubt]\nshipped = "wait"', "`in_doubt.shipped`"),
        ("[retention]\nledger_days = 3651", "`retention.ledger_days`"),
        ("[durability]\nreplicas = 17", "`durability.replicas`"),
    ],
)
def test_an_impossible_value_is_named(text: str, said: str) -> None:
    """A value of the wrong type or range stops the start with its place, names included."""
    assert said in stopped_by(text)


@pytest.mark.parametrize(
    "text",
    [
        "[cofactr]\nrequests_per_second = 0.1\ntimeout_seconds = 0.1\nmax_in_flight = 1",
        "[cofactr]\ntimeout_seconds = 300",
        "[retention]\nraw_days = 1\nrecords_days = 1\nledger_days = 3650",
        "[durability]\nreplicas = 16\non_disk = false",
        '[sources.ep]\nformat = "easypost"\ntimestamp_tolerance_seconds = 1\ndedupe_days = 1',
        '[sources.ep]\nformat = "easypost"\nmax_body_bytes = 1\nstale_after_hours = 1',
        '[sources.ep]\nformat = "easypost"\nmax_body_bytes = 67_108_864',
        '[sources.ep]\nformat = "easypost"\nstale_after_hours = 8760\ndedupe_days = 400',
        f'[sources.{"a" * 63}]\nformat = "easypost"',
        '[sources.0_a-b]\nformat = "easypost"',
    ],
)
def test_bounds_belong_to_what_is_possible(text: str) -> None:
    """A value at the very end of its range is read."""
    assert read(text) != Configuration()


def test_what_must_never_be_shown_is_known() -> None:
    """Secrets, path tokens and the key for a sender's API are confidential; nothing else is."""
    text = (
        '[sources.ep]\nformat = "easypost"\nsecrets = ["one", "two"]\napi_key = "three"\n'
        'path_tokens = ["four-four-four-four"]\nclient_id = "five"\nheader = "x-six"'
    )
    source = read(text).sources["ep"]

    assert set(source.confidential) == {"one", "two", "three", "four-four-four-four"}
    assert SourceSettings(format="easypost").confidential == ()


def test_what_is_no_toml_says_where() -> None:
    """A file that breaks off stops the start with the place where it does."""
    assert "is not valid TOML" in stopped_by("[cofactr\norg_id = 1")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[sources.ep]\nformat = "easypast"', 'the unknown format "easypast"; the formats are '),
        ('[sources.ep]\nformat = "internal"', 'the unknown format "internal"; the formats are '),
        ('[sources.EP]\nformat = "easypost"', "[sources.EP] is no possible name"),
        ('[sources."a/b"]\nformat = "easypost"', "[sources.a/b] is no possible name"),
        ('[sources."ep\\n"]\nformat = "easypost"', "is no possible name"),
        (f'[sources.{"a" * 64}]\nformat = "easypost"', "is no possible name"),
        (
            '[sources.ep]\nformat = "easypost"\nunauthenticated = true\nsecrets = ["x"]',
            "[sources.ep] has secrets and says unauthenticated = true; remove one.",
        ),
        (
            '[sources.ep]\nformat = "easypost"\nsecrets = ["new", ""]',
            "[sources.ep] secrets holds an empty secret",
        ),
        (
            '[sources.ep]\nformat = "easypost"\nsecrets = ["${BLANK}"]',
            "[sources.ep] secrets holds an empty secret",
        ),
        (
            '[sources.ep]\nformat = "easypost"\nallow = ["delivered"]',
            '[sources.ep] allow names "delivered", which needs no leave; it may name adjusted, ',
        ),
        (
            '[sources.ep]\nformat = "easypost"\npath_tokens = ["long-enough-token-1", "short"]',
            "[sources.ep] path_tokens holds one that is too short or no part of an address",
        ),
        (
            '[sources.ep]\nformat = "easypost"\npath_tokens = ["a/token/with/slashes/in/it"]',
            "[sources.ep] path_tokens holds one that is too short or no part of an address",
        ),
        (
            '[sources.ep]\nformat = "easypost"\naddresses = ["10.0.0.0/8", "10.0.0.1/8"]',
            '[sources.ep] addresses holds "10.0.0.1/8", which is no address or range: ',
        ),
        (
            '[sources.ep]\nformat = "easypost"\nheader = "X Key"',
            '[sources.ep] header is "X Key", which is no name of a header.',
        ),
        (
            '[sources.ep]\nformat = "easypost"\ndedupe_days = 401',
            "[sources.ep] dedupe_days is longer than [retention] ledger_days (400).",
        ),
        (
            '[sources.erp]\nformat = "easypost"\n[internal.tokens]\nerp = "x"',
            '"erp" names a source and an internal service alike; give one another name.',
        ),
        ('[sources.admin]\nformat = "easypost"', '"admin" names a source and an internal service'),
        ('[internal.tokens]\nadmin = "x"', '[internal.tokens] "admin" is no possible name'),
        ('[internal.tokens]\nERP = "x"', '[internal.tokens] "ERP" is no possible name'),
        ('[internal.tokens]\n"erp\\n" = "x"', "is no possible name for an internal service"),
        ('[internal.tokens]\nerp = " "', "[internal.tokens] erp is empty; remove it or set it."),
        (
            '[[alerts]]\nsend = true\n[[alerts]]\nsend = true\nsource = ["admin", "ups"]',
            '[[alerts]] number 2 names the source "ups", which is not there.',
        ),
        (
            '[[alerts]]\nsend = true\nsource = "ups"',
            '[[alerts]] number 1 names the source "ups", which is not there.',
        ),
    ],
)
def test_what_no_type_can_say_is_checked(text: str, said: str) -> None:
    """Names that clash or cannot be, empty secrets and idle rules stop the start."""
    assert said in stopped_by(text)


def test_all_known_formats_are_named() -> None:
    """An unknown format is answered with those that there are."""
    sentence = stopped_by('[sources.ep]\nformat = "easypast"')

    assert sentence.endswith(f"the formats are {', '.join(sorted(FORMATS))}.")


def test_rules_may_name_every_kind_of_source() -> None:
    """An alert rule may be about a source, an internal service, or the administrator."""
    configuration = read(
        f"{EXAMPLE}\n[[alerts]]\nsend = true\nsource = ['easypost', 'erp', 'admin']"
    )

    assert configuration.alerts[1].source == ("easypost", "erp", "admin")


@given(text=st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever the file holds, it is a configuration or stops the start with a sentence."""
    sentence = ""
    try:
        read(text)
    except ConfigurationError as error:
        sentence = str(error)
    assert not sentence or sentence.startswith("tallyman.toml")


@given(
    key=st.sampled_from(["cofactr", "internal", "sources", "alerts", "in_doubt", "retention"]),
    value=st.sampled_from(
        ["1", '"x"', "true", "[]", "[1]", "{}", "{a = 1}", "[{a = 1}]", "{tokens = {a = {b = 1}}}"]
    ),
)
def test_any_value_in_any_place_is_read_or_refused(key: str, value: str) -> None:
    """A table that is something else altogether stops the start with a sentence, too."""
    sentence = ""
    try:
        read(f"{key} = {value}")
    except ConfigurationError as error:
        sentence = str(error)
    assert not sentence or key in sentence
