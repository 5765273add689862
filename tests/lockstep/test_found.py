"""Programs on which the two sides once differed; each must stay equal.

Smallest forms, as `python tests/lockstep` printed them.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from generator import settings
from statement import Statement
from twin import replay

FOUND = {
    "a float exponent makes floats of integers": """
        v1 = array(data(7, (5,), 'i4'))
        v2 = v1 ** 2.0
        v3 = v1.astype('u1') ** 1.0""",
    "the square of bools is int8": """
        v1 = array(data(7, (5,), '?'))
        v2 = v1 ** 2
        v3 = np.power(v1, 2)""",
    "a scan lies in memory as NumPy's": """
        v1 = array(data(7, (3, 4), 'f8', order='F'))
        v2 = np.add.accumulate(v1)
        v3 = np.cumprod(v1[::-1], 1)
        v4 = np.cumsum(v1[:, ::2], 1, dtype='f8')""",
    "a product with a vector lies in memory as NumPy's": """
        v1 = array(data(7, (2, 2, 2), 'f4', order='F'))
        v2 = np.matmul(v1[0, 0], v1 - v1[::-1])
        v3 = np.matmul(v1, v1[0, 0])""",
    "an array without axes is cast as arrays are": """
        v1 = array(data(7, (3,), 'i8'))
        v2 = xp.empty((2,), 'f8'); v2.fill(xp.inf)
        with np.errstate(all='ignore'):
            v1[0, ...][...] = v2[0, ...]""",
    "scalars are told of as scalars": """
        v1 = xp.empty((), 'f8'); v1.fill(1.0)
        with watched() as told:
            v2 = (v1 - v1) / (v1 - v1)
        c3 = sorted(told)""",
    "a spread lies in memory as NumPy's": """
        v1 = array(data(7, (2, 3, 4), 'f4'))
        v2 = np.std(np.moveaxis(v1, 0, 2), axis=-2, keepdims=True)
        v3 = np.var(np.moveaxis(v1, 0, 2), axis=1, correction=1)
        v4 = np.var(v1[0, 0, 0])""",
    "what is rounded to digits lies packed": """
        v1 = array(data(7, (2, 3, 4), 'f8'))
        v2 = np.round(np.moveaxis(v1, 1, 0), -2)
        v3 = np.round(v1.T, 1)""",
    "one axis taken apart gives scalars": """
        v1 = array(data(7, (5,), 'f4'))
        v2 = np.unstack(v1)[0]""",
    "fill takes NumPy's scalars": """
        v1 = xp.empty((3,), 'f4'); v1.fill(np.float64(0.1))
        v2 = xp.empty((3,), bool); v2.fill(np.True_)""",
    "values behind a mask have one axis": """
        v1 = array(data(7, (2, 3), 'f4'))
        v1[v1 > 0] = np.zeros((2, 3))
        v1[v1 > 9] = np.zeros((0, 2))""",
    "values that do not fit are told of before an index out of bounds": """
        v1 = array(data(7, (2, 3), 'f4'))
        v1[[0, 5], 1:3] = np.zeros((4, 4))
        v1[[0, 5], 1:3] = 0""",
    "an element is no place for a sequence": """
        v1 = array(data(7, (2, 3), 'f4'))
        v1[0, 1] = np.array([1.0])
        v1[0, 1] = v1[1:, 2]
        v1[0, 1] = v1[1, 2]
        v1[0, 1, ...] = v1[1:, 2]""",
    "the average of nothing": """
        v1 = xp.zeros((3, 0), 'f4')
        v2 = np.average(v1, axis=0)""",
    "code of no module is warned too": """
        v1 = array(np.array([4.0, -1.0]))
        with watched() as told: v2 = np.arcsin(v1); read(v2)
        c3 = sorted(told); del told, v2""",
    "nothing is put into no elements": """
        v1 = xp.zeros((0, 3), '?')
        v1.put([0, 0], False, mode='clip')
        v1.put(np.array([], int), False)""",
    "what has no axes is not padded": """
        v1 = xp.full((), 3.5, 'f4')
        v2 = np.pad(v1, 1)
        v3 = np.pad(v1, 1, mode='constant', constant_values=2)
        v4 = np.pad(v1, 1, mode='edge')""",
    "where= has a say in how a fold lies in memory": """
        v1 = array(data(7, (4, 3, 2), 'f4', order='F'))
        v2 = array(data(8, (4, 3, 2), '?'))
        v3 = np.prod(v1, axis=(), where=v2)
        v4 = np.add.reduce(v1, axis=0, where=v2)
        v5 = np.any(v1, axis=1, where=v2[0])""",
    "a part is set to a complex number's real part": """
        v1 = array(data(7, (3,), 'c8'))
        v1.real = (0.5-1j)
        v1.imag = v1""",
    "masked values are cast safely": """
        v1 = array(data(7, (3,), 'i4'))
        v2 = array(data(7, (3,), 'f4'))
        np.putmask(v1, v1 > 0, v2)
        np.putmask(v1, v1 > 0, v2[0])
        np.place(v1, v1 > 0, [1.5])
        np.place(v1, v1 > 0, np.array([1.5]))
        np.putmask(v2, v1 > 0, 1j)
        np.putmask(v2, v1 > 0, v1.astype('u1'))""",
    "a pickle of what is not packed is in C order": """
        v1 = array(data(7, (4, 6), 'f4', order='F'))
        v2 = pickle.loads(pickle.dumps(v1[::2, ::3]))
        v3 = pickle.loads(pickle.dumps(v1))""",
    "index arrays come to the array's device": """
        v1 = array(data(7, (3, 4, 5), 'f4'), device=last)
        v2 = array(np.array([-2]))
        v3 = v1[[1], v2, None, data(8, (5,), '?')]""",
    "products over axes of no elements": """
        v1 = xp.zeros((0,), 'f4')
        v2 = np.tensordot(v1, v1, 1)
        v3 = np.tensordot(xp.zeros((0, 3), 'f4'), xp.zeros((3, 2), 'f4'), 1)""",
}


@pytest.mark.parametrize("where", ["device", "auto"])
@pytest.mark.parametrize("name", FOUND)
def test_programs_that_once_differed(name: str, where: str) -> None:
    lines = FOUND[name].strip().splitlines()
    statements = [Statement(line.strip(), anywhere=True) for line in lines]
    program = replace(settings(Random(0)), dispatch=where, tape_operations=None)
    replay(replace(program, statements=statements))
