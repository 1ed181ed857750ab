"""allstop: stop frontier AI development together, and let anyone check it.

Importing this package loads nothing else: the verifier (`errors` to `case`) must never pull in NumPy.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
