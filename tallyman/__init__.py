"""The command `tallyman`: everything on one machine, administration, and the Cofactr sandbox.

It starts `service` and `workers` as processes and speaks HTTP to them; it never imports them.

    cli            the commands, and how an error becomes one line and an exit code
    up             the whole of Tallyman on this machine
    processes      programs that are kept running, and end together
    leash          how a program is made to die with whoever started it
    embedded       the Valkey that `up` brings along
    demonstration  what `up` runs where nothing is configured
    data           the data directory: what `up` keeps, and tells the other commands
    parts          one part each: the service, workers, the sandbox
    client         how the administration commands reach the service
    checks         what `check` finds
    output         tables, lines and JSON

The rest is one module for each command, or for what it reads.
"""
