"""How thoroughly properties are tried: `HYPOTHESIS_PROFILE` is `quick`, `ci` or `long`.

`quick` tries the same examples every time; the others look for new ones. `long` wants
`--timeout=0` beside it.
"""

import os

from hypothesis import settings

settings.register_profile("quick", max_examples=25, deadline=None, derandomize=True)
settings.register_profile("ci", max_examples=200, deadline=None, print_blob=True)
settings.register_profile("long", max_examples=5_000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
