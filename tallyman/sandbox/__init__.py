"""A stand-in for Cofactr's API, for trying Tallyman out and for testing it.

It is a second, independent reading of the two documented calls, so that a mistake in Tallyman's own
reading shows up as a refusal here. Therefore it imports nothing of `purchasing`, `store`,
`service` or `workers`, and they import nothing of it.

How a request passes through it:

    server       the web server, which can also drop a connection without an answer
    app          `create_sandbox`, where the parts are put together
    front        every request to Cofactr's side: read, write down, fail on demand, answer
    calls        which call it is, whether the key is right, what is answered
    validation   what the body of each call may hold
    responses    what Cofactr answers, field by field
    faults       the failures asked for, and whose turn it is
    journal      what was received
    control      `/_sandbox`, from where tests look inside

Start it with `python -m tallyman.sandbox --port 8090`, or in a process of your own:

    app = create_sandbox("sandbox-key", lambda: datetime.now(UTC), uuid4)
    create_server(app, host="127.0.0.1", port=8090).run()
"""

from tallyman.sandbox.app import create_sandbox
from tallyman.sandbox.server import create_server

__all__ = ["create_sandbox", "create_server"]
