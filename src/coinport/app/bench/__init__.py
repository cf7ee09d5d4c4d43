"""Benchmarks: `coinport bench`. Each prints its conditions beside its figures."""
