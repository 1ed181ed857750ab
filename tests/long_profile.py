"""Pytest plugin of `make test-long`: properties are tried on many more examples.

A test that fixes its own number of examples keeps it.
"""

from hypothesis import settings

settings.register_profile("long", max_examples=5_000, deadline=None)
settings.load_profile("long")
