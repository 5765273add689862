"""The demo's functions, in plain NumPy: they import nothing of fpgarray and know no pictures.

Each takes NumPy's arrays or fpgarray's and gives a tuple of such arrays; none writes its operands.
"""
