"""coinport: a complete spot exchange that anyone can run."""

__version__ = "0.1.0"
