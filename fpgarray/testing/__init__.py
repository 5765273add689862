"""Conformance suites, test kernels and assertion helpers. Needs pytest."""
