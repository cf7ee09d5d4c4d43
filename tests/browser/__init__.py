"""The page in a real browser. A package, so that what its fixtures have started ends with it."""
