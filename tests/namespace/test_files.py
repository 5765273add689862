"""Saving, loading, pickling, copying: through NumPy's namespace and through ours."""

from __future__ import annotations

import copy
import io
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy
import pytest

import fpgarray as fa

ARRAYS: dict[str, Any] = {
    "floats": numpy.linspace(0, 1, 6).reshape(2, 3),
    "single": numpy.asarray([1.5, -0.0], "f4"),
    "fortran": numpy.asfortranarray(numpy.arange(6.0).reshape(2, 3)),
    "strided": numpy.arange(10)[::-3],
    "bools": numpy.asarray([True, False]),
    "scalar array": numpy.asarray(2.5),
    "empty": numpy.zeros((0, 3)),
    "complex": numpy.asarray([1 + 2j]),
    "text": numpy.asarray(["a", "bc"]),
    "dates": numpy.asarray(["2024-02-29"], "M8[D]"),
    "records": numpy.zeros(2, [("a", "i4"), ("b", "f8")]),
    "big-endian": numpy.arange(3, dtype=">i4"),
}
BOTH = pytest.mark.parametrize("library", [numpy, fa], ids=["numpy", "fpgarray"])
EACH = pytest.mark.parametrize("name", ARRAYS)


def same(ours: Any, theirs: numpy.ndarray) -> None:
    assert type(ours) is fa.FPGAArray
    assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
    numpy.testing.assert_array_equal(numpy.asarray(ours), theirs)


@BOTH
@EACH
def test_save_writes_the_file_numpy_writes(library: Any, name: str, tmp_path: Path) -> None:
    theirs, ours = io.BytesIO(), io.BytesIO()
    numpy.save(theirs, ARRAYS[name].copy(order="K"))
    library.save(ours, fa.asarray(ARRAYS[name]))
    assert ours.getvalue() == theirs.getvalue()
    library.save(tmp_path / "x.npy", fa.asarray(ARRAYS[name]))
    same(fa.load(tmp_path / "x.npy"), ARRAYS[name])


@BOTH
@pytest.mark.parametrize("how", ["savez", "savez_compressed"])
def test_archives(library: Any, how: str, tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    first, second = numpy.arange(5.0), numpy.arange(6).reshape(2, 3)
    getattr(library, how)(path, fa.asarray(first), second=fa.asarray(second))
    with fa.load(path) as archive:
        assert sorted(archive) == sorted(archive.files) == ["arr_0", "second"]
        assert len(archive) == 2
        assert "second" in archive
        same(archive["arr_0"], first)
        same(dict(archive)["second"], second)
        with pytest.raises(KeyError):
            archive["no such name"]
        assert "x.npz" in repr(archive)
    with numpy.load(path) as theirs:
        assert theirs["second"].tolist() == second.tolist()


@BOTH
def test_text(library: Any) -> None:
    written, expected = io.StringIO(), io.StringIO()
    table = numpy.asarray([[1.0, 2.5], [3.0, -4.0]])
    library.savetxt(written, fa.asarray(table), delimiter=",", header="a,b")
    numpy.savetxt(expected, table, delimiter=",", header="a,b")
    assert written.getvalue() == expected.getvalue()
    same(fa.loadtxt(io.StringIO(written.getvalue()), delimiter=","), table)
    same(fa.genfromtxt(io.StringIO(written.getvalue()), delimiter=","), table)


def test_raw_bytes(tmp_path: Path) -> None:
    x = numpy.arange(5, dtype="f4")
    (tmp_path / "raw").write_bytes(fa.asarray(x).tobytes())
    same(fa.fromfile(tmp_path / "raw", "f4"), x)


def test_a_memory_map_stays_in_its_file(tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    fa.save(path, fa.zeros(4))
    mapped = fa.load(path, mmap_mode="r+")
    assert type(mapped) is numpy.memmap
    mapped[1] = 3
    mapped.flush()
    same(fa.asarray(mapped), numpy.asarray([0.0, 3, 0, 0]))
    same(fa.load(path), numpy.asarray([0.0, 3, 0, 0]))


def test_objects_need_leave(tmp_path: Path) -> None:
    given = numpy.asarray([{"a": 1}, None], dtype=object)
    path = tmp_path / "x.npy"
    with pytest.raises(ValueError, match="allow_pickle"):
        fa.save(path, fa.asarray(given), allow_pickle=False)
    fa.save(path, fa.asarray(given))
    with pytest.raises(ValueError, match="allow_pickle"):
        fa.load(path)
    assert fa.load(path, allow_pickle=True).tolist() == given.tolist()


def test_a_result_not_yet_computed_is_saved(tmp_path: Path) -> None:
    x = fa.arange(1000.0)
    with fa.policy(dispatch="device"):
        fa.save(tmp_path / "x.npy", x * 2 + 1)
    same(fa.load(tmp_path / "x.npy", device=0), numpy.arange(1000.0) * 2 + 1)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@EACH
def test_pickling_keeps_the_values_only(name: str, protocol: int) -> None:
    x = fa.asarray(ARRAYS[name])
    dumped = pickle.dumps(x, protocol)
    assert x.device.name.encode() not in dumped
    same(pickle.loads(dumped), pickle.loads(pickle.dumps(ARRAYS[name], protocol)))


def test_a_view_pickles_its_own_bytes_only() -> None:
    x = fa.zeros(1_000_000)
    assert len(pickle.dumps(x[::1000])) < 10_000


def test_buffers_travel_out_of_band() -> None:
    x = fa.arange(10_000.0)
    buffers: list[pickle.PickleBuffer] = []
    dumped = pickle.dumps(x, 5, buffer_callback=buffers.append)
    assert (len(dumped) < 1000, len(buffers)) == (True, 1)
    same(
        pickle.loads(dumped, buffers=[each.raw().tobytes() for each in buffers]),
        numpy.arange(10_000.0),
    )
    back = pickle.loads(dumped, buffers=[bytearray(each.raw()) for each in buffers])
    back[0] = 5
    assert float(x[0]) == 0


def test_what_stands_for_a_scalar_stays_one() -> None:
    total = fa.arange(4.0).sum()
    for back in (pickle.loads(pickle.dumps(total)), copy.copy(total), copy.deepcopy(total)):
        assert fa.isscalar(back)
        assert hash(back) == hash(6.0)


def test_an_array_arrives_in_another_process(tmp_path: Path) -> None:
    (tmp_path / "x.pickle").write_bytes(pickle.dumps({"x": fa.arange(5.0) + 1}))
    script = (
        "import pickle, sys\n"
        "x = pickle.load(open(sys.argv[1], 'rb'))['x']\n"
        "import fpgarray\n"
        "assert type(x) is fpgarray.FPGAArray and x.device is fpgarray.devices()[0]\n"
        "print((x * 2).tolist())\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "x.pickle")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["[2.0,", "4.0,", "6.0,", "8.0,", "10.0]"]


def test_copies_are_independent() -> None:
    x = fa.arange(4.0)
    given = {"x": x, "view": x[:2]}
    shallow, deep = copy.copy(x), copy.deepcopy(given)
    x[0] = 9
    assert float(shallow[0]) == float(deep["x"][0]) == float(deep["view"][0]) == 0
