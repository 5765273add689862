"""NumPy's public namespace over FPGAArrays: what `import fpgarray as np` offers beside our names.

Owns no list of NumPy's names: they are asked of NumPy, wrapped when first used and kept. Tables say
which are wrapped otherwise than their type implies (`kinds`). Knows no tape and no device memory.
"""
