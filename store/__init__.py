"""Everything that touches Redis: keys, Lua scripts, and the Python that calls them.

`connection` opens it, `scripts` runs the Lua files of the folder of that name, `acceptance` makes
notifications durable, `queue` claims and settles work in RQ's own keys, `book` is the order book,
`records` is what people look at, and `accounts` proves that nothing was lost.
"""
