"""Whole scripts in plain NumPy that `scripts.py` runs; they import nothing but NumPy."""
