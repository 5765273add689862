"""Providers of the runtime seam, and the protocol they share (`api`)."""
