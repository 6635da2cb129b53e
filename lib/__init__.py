"""Helpers of the framework that know nothing of this product: each tested by its name in `tests/lib/`."""
