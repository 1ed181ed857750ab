"""Tests over published measurements; a package, so that its fixtures have a name of their own."""
