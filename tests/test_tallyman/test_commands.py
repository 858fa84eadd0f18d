"""The commands of administration, beside a running `tallyman up`."""

import json
import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from tests.listening import Sender
from tests.test_tallyman.starting import Command, Ended, Up, identity

ORDER = {
    "purchase_order": "11111111-1111-4111-8111-111111111111",
    "supplier": "Acme",
    "lines": [
        {
            "purchase_line": "22222222-2222-4222-8222-222222222222",
            "line_number": "1",
            "tracking_numbers": ["1ZCOMMANDS"],
        }
    ],
}


def event(**fields: object) -> bytes:
    """A purchase event for a line that is in no order, so that no test disturbs another."""
    return json.dumps({"event_type": "note", "purchase_lines": [str(uuid4())]} | fields).encode()


def refused(ended: Ended, *said: str, code: int = 1) -> None:
    """A command that could not be done says why in one line, and nothing else."""
    assert ended.code == code
    assert ended.out == ""
    assert ended.err.count("\n") == 1
    assert "Traceback" not in ended.err
    for words in said:
        assert words in ended.err


# Orders


def test_orders_are_imported_and_shown(asked: Command, tmp_path: Path) -> None:
    """What is imported can be found by its references and shown, a slash in its number included."""
    (tmp_path / "orders.json").write_text(json.dumps({"PO/7 #1": ORDER}))
    imported = asked("orders", "import", "orders.json")
    assert imported == Ended(0, "PO/7 #1: 1 line and 0 NoPart lines\n", "")

    shown = asked("orders", "show", "PO/7 #1")
    assert shown.code == 0
    assert "1ZCOMMANDS" in shown.out
    order = json.loads(asked("orders", "show", "PO/7 #1", "--json").out)
    assert order == ORDER | {"po_number": "PO/7 #1"}

    found = json.loads(asked("orders", "list", "--find", "1z commands", "--json").out)
    assert found == {"items": [order], "next": None}
    listed = asked("orders", "list", "--find", "1ZCOMMANDS").out.splitlines()
    assert [line.split()[0] for line in listed] == ["PO", "PO/7"]
    assert asked("orders", "list", "--find", "nothing").out == "No order has this reference.\n"


def test_pages_of_orders_follow_each_other(asked: Command) -> None:
    """A listing that is cut says how to go on."""
    seen: list[str] = []
    more: tuple[str, ...] = ()
    while True:
        page = json.loads(asked("orders", "list", "--limit", "2", *more, "--json").out)
        seen += [order["po_number"] for order in page["items"]]
        if page["next"] is None:
            break
        told = asked("orders", "list", "--limit", "2", *more).out.splitlines()[-1]
        assert told == f"There are more: --cursor {page['next']}"
        more = ("--cursor", page["next"])
    assert {"PO-1001", "PO-1002", "PO-1003"} <= set(seen)
    assert len(set(seen)) == len(seen)


def test_a_bad_file_of_orders_changes_nothing(asked: Command, tmp_path: Path) -> None:
    """If anything in a file is wrong, nothing of it is imported."""
    text = f"po_number,purchase_order\nPO-BAD-1,{ORDER['purchase_order']}\nPO-BAD-2,none\n"
    (tmp_path / "orders.csv").write_text(text)
    ended = asked("orders", "import", "orders.csv")
    refused(ended, "orders.csv: row 3, column purchase_order", code=2)
    refused(asked("orders", "show", "PO-BAD-1"), "No order PO-BAD-1 is in the order book. (404)")


def test_an_order_that_the_service_refuses_is_named(asked: Command, tmp_path: Path) -> None:
    """What the service refuses is said for each order, and the others are put."""
    twice = {"lines": [{"purchase_line": str(uuid4())}] * 2}
    orders = [ORDER | {"po_number": "PO-A"} | twice, ORDER | {"po_number": "PO-B"}]
    (tmp_path / "orders.json").write_text(json.dumps(orders))
    ended = asked("orders", "import", "orders.json")
    assert (ended.code, ended.out) == (1, "PO-B: 1 line and 0 NoPart lines\n")
    first, last = ended.err.splitlines()
    assert first.startswith("PO-A: Bad fields: lines: must not name a purchase_line twice")
    assert last == "1 of 2 orders were refused."


def test_of_a_file_with_a_fault_nothing_is_put(asked: Command, tmp_path: Path) -> None:
    """An order with a field that does not exist is named, and the others are not put."""
    orders = [ORDER | {"po_number": "PO-C"}, ORDER | {"po_number": "PO-D", "colour": "red"}]
    (tmp_path / "orders.json").write_text(json.dumps(orders))

    refused(asked("orders", "import", "orders.json"), 'order "PO-D": ', "`colour`", code=2)

    assert asked("orders", "show", "PO-C").code == 1


def test_an_order_lets_go_what_waited_for_it(asked: Command, tmp_path: Path, up: Up) -> None:
    """Importing an order says how many held notifications go on."""
    (tmp_path / "event.json").write_bytes(event(po_number="PO-LATE", purchase_lines=[]))
    sent = identity(asked("send", "erp", "event.json"))
    up.settled(sent, "held")
    story = asked("notifications", "show", sent).out
    assert "held          unmatched: " in story
    late = ORDER | {"lines": [{"purchase_line": str(uuid4())}], "po_number": "PO-LATE"}
    (tmp_path / "late.json").write_text(json.dumps(late))
    ended = asked("orders", "import", "late.json")
    assert ended.out == "PO-LATE: 1 line and 0 NoPart lines; 1 held notification can go on\n"
    up.settled(sent, "delivered")


# Sending and looking


def test_a_sent_event_has_a_story(asked: Command, up: Up) -> None:
    """What is sent is found by its state, its source and its references, and its story is told."""
    sent = identity(asked("send", "erp", "-", stdin=event(tracking_number="1ZSTORY")))
    up.settled(sent, "delivered")
    found = asked("notifications", "list", "--find", "1z story")
    assert [line.split()[0] for line in found.out.splitlines()] == ["id", sent]
    page = json.loads(
        asked("notifications", "list", "--state", "delivered", "--source", "erp", "--json").out
    )
    assert sent in [item["id"] for item in page["items"]]
    assert asked("notifications", "list", "--find", "x").out == "No such notification is there.\n"

    story = asked("notifications", "show", sent)
    assert story.code == 0
    assert "command       purchase event note" in story.out
    record = json.loads(asked("notifications", "show", sent, "--json").out)
    (attempt,) = record["attempts"]
    assert f"Cofactr's id {attempt['outcome']['cofactr_id']}" in story.out
    for line in record["timeline"]:
        assert line["text"] in story.out


def test_a_preview_sends_nothing(asked: Command, up: Up) -> None:
    """A preview tells the command with its reasons, and leaves no trace."""
    before = up.get("/v1/notifications")
    body = event(notes="only looking")
    told = asked("preview", "erp", "-", stdin=body)
    assert told.code == 0
    assert "command       purchase event note\n" in told.out
    assert "              notes: only looking\n" in told.out
    assert "  because     alerts: " in told.out
    document = json.loads(asked("preview", "erp", "-", "--json", stdin=body).out)
    assert document["commands"][0]["body"]["notes"] == "only looking"
    assert up.get("/v1/notifications") == before


def test_sources_and_formats_are_listed(asked: Command, command: Command) -> None:
    """The configured sources come from the service, and the formats need none."""
    (source,) = json.loads(asked("sources", "--json").out)["items"]
    assert (source["name"], source["format"], source["authenticated"]) == (
        "easypost",
        "easypost",
        True,
    )
    assert asked("sources").out.splitlines()[1].startswith("easypost  easypost  yes")
    formats = json.loads(command("sources", "--formats", "--json").out)["items"]
    assert "easypost" in [item["name"] for item in formats]
    assert "internal" not in [item["name"] for item in formats]
    assert "EasyPost" in command("sources", "--formats").out


def test_a_stranger_cannot_steer_the_terminal(asked: Command, up: Up) -> None:
    """Control characters in what others wrote are not printed."""
    body = event(notes="\x1b]0;owned\x07\u202e\x9b31m")
    sent = identity(asked("send", "erp", "-", stdin=body))
    up.settled(sent, "delivered")
    for ended in (asked("notifications", "show", sent), asked("preview", "erp", "-", stdin=body)):
        assert "owned" in ended.out
        assert not set(ended.out) & {"\x1b", "\x07", "\u202e", "\x9b"}


# What cannot be done


def test_no_misuse_ends_in_a_traceback(process: Command) -> None:
    """The exit code and the line of a misuse are those of the process, too."""
    refused(process("nonsense"), 'Unknown command "nonsense"', code=2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nonsense",), 'Unknown command "nonsense"'),
        (("up", "--nonsense"), "--nonsense"),
        (("up", "--port", "http"), "--port"),
        (("up", "--port", "70000"), "--port"),
        (("up", "--workers", "0"), "--workers"),
        (("up", "--config", "nowhere.toml"), "nowhere.toml cannot be read"),
        (("work", "--processes", "many"), "--processes"),
        (("send", "easypost"), "FILE"),
        (("send", "easypost", "nowhere.json"), "nowhere.json cannot be read: No such file"),
        (("send", "nobody", "/dev/null"), 'No source "nobody" is configured'),
        (("preview", "easypost", "."), ". cannot be read: Is a directory"),
        (("orders", "import", "nowhere.csv"), "nowhere.csv cannot be read"),
        (("orders", "import", "/dev/null"), "/dev/null is neither .csv nor .json"),
        (("orders", "show"), "requires an argument"),
        (("orders", "list", "--limit", "0"), "--limit"),
        (("notifications", "list", "extra"), "extra"),
        (("notifications", "list", "--cursor", "x"), "--cursor"),
    ],
)
def test_misuse_is_answered_in_one_line(
    command: Command, words: tuple[str, ...], said: str
) -> None:
    """What makes no sense ends with exit code 2 and one line that names it."""
    refused(command(*words), said, code=2)


def test_what_is_named_has_a_name(asked: Command) -> None:
    """An empty id or number is misuse, and nothing is asked."""
    refused(asked("notifications", "show", ""), "The id of a notification is needed", code=2)
    refused(asked("orders", "show", ""), "The number of an order is needed", code=2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("notifications", "show", "nothing"), "There is no notification nothing. (404)"),
        (("notifications", "list", "--state", "lost"), "(400)"),
        (("orders", "show", "PO-0"), "No order PO-0 is in the order book. (404)"),
        (("preview", "nobody", "/dev/null"), 'No source "nobody" is configured. (404)'),
        (("send", "erp", "/dev/null"), "(422)"),
    ],
)
def test_a_refusal_is_passed_on(asked: Command, words: tuple[str, ...], said: str) -> None:
    """What the service refuses ends with exit code 1 and the service's own words."""
    refused(asked(*words), said)


def test_a_service_out_of_reach_is_named(command: Command, asked: Command, up: Up) -> None:
    """Where no service can be asked, it is said what to do."""
    refused(command("sources"), "No `tallyman up` runs with the data directory", "start one")
    nowhere = {"TALLYMAN_URL": "http://127.0.0.1:1", "TALLYMAN_ADMIN_TOKEN": "t"}
    refused(command("sources", **nowhere), "No Tallyman answers at http://127.0.0.1:1; start it")
    refused(command("sources", **nowhere | {"TALLYMAN_URL": "nonsense"}), "nonsense")
    refused(
        asked("send", "erp", "-", "--url", "http://[bad", stdin=b"{}"), "no address of a service"
    )
    refused(asked("sources", TALLYMAN_ADMIN_TOKEN="wrong"), "none that is known was given. (401)")
    refused(command("sources", TALLYMAN_URL=up.running.url), "set TALLYMAN_ADMIN_TOKEN")
    sandbox = {"TALLYMAN_URL": up.running.sandbox_url or "", "TALLYMAN_ADMIN_TOKEN": "t"}
    refused(command("sources", **sandbox), "(404)")


def test_the_token_of_this_machine_stays_here(asked: Command) -> None:
    """The token that `up` made is not sent to another machine."""
    refused(asked("sources", TALLYMAN_URL="https://tallyman.example"), "set TALLYMAN_ADMIN_TOKEN")


def test_the_address_of_this_machine_can_be_named(asked: Command, up: Up) -> None:
    """An address on this machine is asked with the token that `up` made."""
    assert asked("sources", TALLYMAN_URL=f"{up.running.url}/").code == 0
    port = up.running.url.rpartition(":")[2]
    assert asked("sources", TALLYMAN_URL=f"http://localhost:{port}").code == 0


def test_a_source_without_secrets_cannot_be_signed_for(command: Command, tmp_path: Path) -> None:
    """A file is not sent for a source that nobody can sign for."""
    (tmp_path / "tallyman.toml").write_text('[sources.mute]\nformat = "easypost"\n')
    refused(command("send", "mute", "/dev/null"), 'The source "mute" has no secrets')


def test_a_proof_within_the_body_is_sent_in_it(command: Command, tmp_path: Path) -> None:
    """What a sender shows within its document is put there, and its answer is shown."""
    (tmp_path / "tallyman.toml").write_text(
        '[sources.quay]\nformat = "cxml"\nsecrets = ["of-the-quay"]\n'
        '[sources.odd]\nformat = "cxml"\nsecrets = ["\\u0001"]\n'
    )
    (tmp_path / "notice.xml").write_bytes(b"<cXML/>")
    with Sender((200, b"<cXML>kept</cXML>")) as listening:
        sent = command("send", "quay", "notice.xml", "--url", listening.url)
        refused(command("send", "odd", "notice.xml", "--url", listening.url), "no XML document")

    ((method, path, headers, body),) = listening.heard
    assert (sent.code, sent.out) == (0, "<cXML>kept</cXML>\n")
    assert (method, path) == ("POST", "/webhooks/quay")
    assert headers["content-type"].startswith("text/xml")
    assert b"<SharedSecret>of-the-quay</SharedSecret>" in body


def test_a_refusal_in_the_senders_language_is_one(command: Command, tmp_path: Path) -> None:
    """A document of cXML that was refused within HTTP 200 was not accepted."""
    (tmp_path / "tallyman.toml").write_text(
        '[sources.quay]\nformat = "cxml"\nsecrets = ["of-the-quay"]\n'
    )
    (tmp_path / "notice.xml").write_bytes(b"<cXML/>")
    answer = b'<cXML><Response><Status code="401" text="Unauthorized"/></Response></cXML>'
    with Sender((200, answer)) as listening:
        sent = command("send", "quay", "notice.xml", "--url", listening.url)

    refused(sent, 'It was refused: <Status code="401" text="Unauthorized"/>')


def test_help_imports_nothing_heavy(process: Command) -> None:
    """Help is there at once: nothing is imported that only a running command needs."""
    imported = process("--help", PYTHONPROFILEIMPORTTIME="1").err
    assert "tallyman.cli" in imported
    for heavy in ("httpx", "litestar", "redis", "asyncio"):
        assert f" {heavy}\n" not in imported


def test_the_version_is_told(command: Command) -> None:
    """`--version` prints the version that is installed."""
    assert command("--version").out.strip()[0].isdigit()


def test_a_reader_that_has_enough_is_no_error() -> None:
    """A command whose output nobody reads any more ends without a complaint."""
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [sys.executable, "-m", "tallyman", "sources", "--formats"],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert ended.stderr == b""
