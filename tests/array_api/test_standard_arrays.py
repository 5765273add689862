"""What the standard asks of arrays, devices and interchange; `array_api_compat`; one algorithm."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from typing import Any

import array_api_compat as compat
import numpy as np
import pytest
from standard import FUNCTIONS, find

import fpgarray as fa

xp = fa.array_api


OF_ARRAYS = [
    (part, name)
    for part, name in FUNCTIONS
    if name != "from_dlpack"
    and list(inspect.signature(find(xp, part, name)).parameters)[:1]
    in (["x"], ["x1"], ["arrays"], ["condition"])
]
"""Functions that take arrays and do not make them of something else."""


@pytest.fixture
def x() -> fa.FPGAArray:
    return xp.reshape(xp.arange(12, dtype=xp.float32), (3, 4))


class TestNamespace:
    def test_an_array_names_it(self, x) -> None:
        assert x.__array_namespace__() is xp
        assert x.__array_namespace__(api_version="2025.12") is xp

    @pytest.mark.parametrize("edition", ["2021.12", "2022.12", "2023.12", "2024.12"])
    def test_earlier_editions_are_contained_in_it(self, x, edition: str) -> None:
        assert x.__array_namespace__(api_version=edition) is xp

    @pytest.mark.parametrize("edition", ["2020.10", "2099.12", "new"])
    def test_other_editions_are_an_error(self, x, edition: str) -> None:
        with pytest.raises(ValueError, match=r"has the editions 2021.12, .*2025.12"):
            x.__array_namespace__(api_version=edition)

    def test_the_edition_is_a_keyword(self, x) -> None:
        with pytest.raises(TypeError, match="positional"):
            x.__array_namespace__("2025.12")

    def test_arrays_of_others_are_refused(self) -> None:
        with pytest.raises(TypeError, match=r"array_api.sin takes FPGAArrays, got ndarray"):
            xp.sin(np.ones(3))
        with pytest.raises(TypeError, match="got int, float"):
            xp.add(1, 2.0)
        with pytest.raises(TypeError, match=r"array_api.concat takes"):
            xp.concat([np.ones(3)])

    @pytest.mark.parametrize(("part", "name"), OF_ARRAYS)
    def test_no_function_lets_arrays_of_others_through(self, part: str, name: str) -> None:
        """What went in as an ndarray and came out as one would have left the device unnoticed."""
        function = find(xp, part, name)
        first, *others = inspect.signature(function).parameters.values()
        foreign = {each: np.ones((3, 3)) for each in ("x", "x1", "x2", "condition")}
        foreign |= {"indices": np.asarray([0]), "arrays": (np.ones(3), np.ones(3))}
        plain = {"shape": (9,), "axis": 0, "axes": (1, 0), "dtype": xp.float32, "fill_value": 1}
        plain |= {"repeats": 2, "repetitions": (2,), "shift": 1, "n": 2}
        plain |= {"source": 0, "destination": 1}
        values = foreign | plain
        by_position = [values[each.name] for each in others if each.default is each.empty]
        before = foreign["arrays"] if first.kind is first.VAR_POSITIONAL else [values[first.name]]
        if first.kind is first.VAR_POSITIONAL:
            by_position = []
        with pytest.raises(TypeError, match=rf"array_api.{name} takes FPGAArrays, got"):
            function(*before, *by_position)

    def test_results_are_arrays_that_can_be_written(self, x) -> None:
        total = xp.sum(x)
        total[...] = 5
        assert float(total) == 5
        count = xp.count_nonzero(x)
        assert type(count) is fa.FPGAArray
        assert count.shape == ()

    def test_a_scalar_of_the_users_is_left_alone(self, x) -> None:
        element = x[0, 1]
        assert xp.astype(element, xp.float32, copy=False) is element
        assert xp.asarray(element) is element
        with pytest.raises(TypeError, match="item assignment"):
            element[...] = 7
        with fa.policy(dispatch="host"):
            for function in (xp.real, xp.positive, xp.abs, xp.conj, xp.round, xp.floor):
                result = function(element)
                if result is not element:
                    result[...] = 7
        assert float(element) == 1

    def test_more_than_the_standard_is_numpys_if_it_takes_our_arrays(self, x) -> None:
        assert xp.pad(x, 1).shape == (5, 6)
        assert type(xp.nanmean(x)) is fa.FPGAArray
        assert type(xp.linalg.norm(x)) is fa.FPGAArray
        assert not hasattr(xp, "array")
        assert not hasattr(xp.fft, "_pocketfft")
        with pytest.raises(AttributeError, match="no 'hanning': it is not in the array API"):
            xp.hanning  # noqa: B018

    def test_importing_fpgarray_does_not_import_all_of_compat(self) -> None:
        code = "import fpgarray, sys; print('array_api_compat' in sys.modules)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        assert done.stdout.strip() == b"False"


class TestViews:
    @pytest.mark.parametrize(
        "view",
        [
            lambda x: xp.reshape(x, (12,)),
            lambda x: xp.permute_dims(x, (1, 0)),
            lambda x: xp.matrix_transpose(x),
            lambda x: xp.flip(x),
            lambda x: xp.expand_dims(x, 0),
            lambda x: xp.squeeze(x[None, :, :], 0),
            lambda x: xp.moveaxis(x, 0, 1),
            lambda x: xp.unstack(x, axis=1)[0],
            lambda x: xp.linalg.diagonal(x),
            lambda x: xp.broadcast_to(x, (2, 3, 4)),
            lambda x: xp.broadcast_arrays(x, xp.zeros((2, 1, 1)))[0],
        ],
    )
    def test_nothing_moves_where_memory_allows(self, x, view) -> None:
        with fa.policy(fallback="raise"):
            seen = view(x)
        assert np.shares_memory(seen, x)

    def test_a_copy_can_be_demanded_or_forbidden(self, x) -> None:
        assert not np.shares_memory(xp.reshape(x, (12,), copy=True), x)
        with pytest.raises(ValueError, match="copy"):
            xp.reshape(x.mT, (12,), copy=False)
        assert not np.shares_memory(xp.asarray(x, copy=True), x)
        assert xp.asarray(x) is x
        assert not np.shares_memory(xp.astype(x, x.dtype), x)


class TestErrors:
    def test_complex_numbers_do_not_become_real_ones(self) -> None:
        with pytest.raises(TypeError, match="drop the imaginary part"):
            xp.astype(xp.asarray([1j]), xp.float64)

    def test_integers_too_large_for_any_data_type(self) -> None:
        with pytest.raises(OverflowError, match="does not fit"):
            xp.asarray(2**70)

    @pytest.mark.parametrize("value", ["a", [["a"]], object(), [1, None]])
    def test_values_that_are_no_numbers(self, value: object) -> None:
        with pytest.raises(TypeError, match=f"of a {type(value).__name__} NumPy would make"):
            xp.asarray(value)

    def test_objects_without_dlpack(self) -> None:
        with pytest.raises(TypeError, match="which int lacks; try asarray"):
            xp.from_dlpack(3)

    def test_take_needs_an_axis_above_one(self, x) -> None:
        with pytest.raises(ValueError, match="2 axes"):
            xp.take(x, xp.asarray([0]))

    def test_a_vector_has_no_rank(self) -> None:
        with pytest.raises(np.linalg.LinAlgError, match="no matrix"):
            xp.linalg.matrix_rank(xp.ones(3))

    def test_frequencies_are_real(self) -> None:
        with pytest.raises(ValueError, match="real floating"):
            xp.fft.fftfreq(4, dtype=xp.int32)

    def test_kinds_have_names(self) -> None:
        with pytest.raises(ValueError, match="expected one of bool"):
            xp.__array_namespace_info__().dtypes(kind="float")


class TestInspection:
    def test_devices_are_ours(self) -> None:
        info = xp.__array_namespace_info__()
        assert info.devices() == tuple(fa.devices())
        assert info.default_device() is fa.devices()[0]
        assert info.capabilities() == {
            "boolean indexing": True,
            "data-dependent shapes": True,
            "max dimensions": 64,
        }

    def test_data_types_by_kind(self) -> None:
        info = xp.__array_namespace_info__()
        assert info.dtypes(kind="real floating") == {"float32": xp.float32, "float64": xp.float64}
        assert len(info.dtypes(device=info.default_device())) == 13
        assert list(info.dtypes(kind=("bool", "unsigned integer"))) == [
            "bool",
            "uint8",
            "uint16",
            "uint32",
            "uint64",
        ]

    def test_defaults_are_those_of_creation(self) -> None:
        defaults = xp.__array_namespace_info__().default_dtypes()
        assert defaults["real floating"] == xp.zeros(1).dtype
        assert defaults["complex floating"] == xp.asarray(1j).dtype
        assert defaults["integral"] == xp.arange(3).dtype
        assert defaults["indexing"] == xp.argmax(xp.zeros(1)).dtype

    def test_data_types_can_be_looked_up(self, x) -> None:
        assert x.dtype in {xp.float32, xp.float64}


class TestDevices:
    def test_by_name_index_and_itself(self, x) -> None:
        (first, *_) = fa.devices()
        assert x.device is first
        assert str(first) == first.name
        for which in (first, 0, first.name, None):
            assert xp.zeros(2, device=which).device is first
        assert x.to_device(first) is x
        assert xp.zeros_like(x, device=first).device is first

    def test_unknown_ones_are_an_error(self, x) -> None:
        with pytest.raises(ValueError, match=f"there are {fa.devices()[0].name}"):
            x.to_device("gpu")
        with pytest.raises(IndexError, match="device 99"):
            xp.zeros(2, device=99)
        with pytest.raises(TypeError, match="expected an index, a name"):
            xp.zeros(2, device=1.5)

    def test_there_are_no_streams(self, x) -> None:
        with pytest.raises(ValueError, match="no streams"):
            x.to_device(x.device, stream=1)

    def test_two_devices(self) -> None:
        code = inspect.cleandoc(
            """
            import fpgarray as fa, numpy as np
            xp = fa.array_api
            a, b = xp.__array_namespace_info__().devices()
            x = xp.arange(5, device=a)
            y = x.to_device(b)
            x += 1
            assert (x.device, y.device, y.device.name) == (a, b, "emulator:1")
            assert y.tolist() == [0, 1, 2, 3, 4] and x.tolist() == [1, 2, 3, 4, 5]
            assert xp.from_dlpack(x, device=b).device is b
            assert xp.astype(x, xp.float32, copy=False, device=b).device is b
            assert xp.sum(y).device is b and xp.full_like(y, 2).device is b
            assert xp.count_nonzero(y).device is b and xp.unique_all(y).counts.device is b
            assert np.asarray([1, 2], like=y).device is b
            try:
                xp.from_dlpack(x, device=b, copy=False)
            except BufferError as error:
                assert "needs a copy" in str(error)
            else:
                raise AssertionError
            with fa.policy(transfer="raise"):
                y.to_device(a)
            """
        )
        environment = {"FPGARRAY_EMULATED_DEVICES": "2", "FPGARRAY_RUNTIME": "emulator"}
        run_script(code, environment)


def run_script(code: str, environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


class TestInterchange:
    def test_dlpack_out_is_a_snapshot(self, x) -> None:
        taken = np.from_dlpack(x)
        x[0, 0] = 50
        assert taken[0, 0] == 0
        assert not taken.flags.writeable

    def test_dlpack_in_is_a_copy(self) -> None:
        theirs = np.arange(4.0)
        ours = xp.from_dlpack(theirs)
        theirs[0] = 9
        assert ours.tolist() == [0, 1, 2, 3]
        with pytest.raises(BufferError, match="by a copy only"):
            xp.from_dlpack(theirs, copy=False)

    def test_from_ourselves_nothing_is_copied(self, x) -> None:
        assert xp.from_dlpack(x) is x
        assert xp.from_dlpack(x, copy=False) is x
        y = xp.from_dlpack(x, copy=True)
        y[...] = 0
        assert float(x[0, 1]) == 1

    def test_only_the_host_can_be_asked_for(self, x) -> None:
        assert x.__dlpack_device__() == (1, 0)
        assert x.__dlpack__(max_version=(1, 0), dl_device=(1, 0)) is not None
        for version in ({}, {"max_version": (1, 0)}):
            with pytest.raises(BufferError, match="snapshots are host memory"):
                x.__dlpack__(**version, dl_device=(2, 0))

    def test_torch(self, x) -> None:
        torch = pytest.importorskip("torch", reason="torch is large; not in the test extra")
        assert torch.equal(torch.from_dlpack(x), torch.arange(12.0).reshape(3, 4))
        ours = xp.from_dlpack(torch.arange(3))
        assert (ours.dtype, ours.tolist()) == (xp.int64, [0, 1, 2])
        assert xp.asarray(torch.ones(2)).tolist() == [1, 1]


class TestConversions:
    def test_of_arrays_without_axes(self) -> None:
        assert bool(xp.asarray(0.5)) is True
        assert int(xp.asarray(3.7)) == 3
        assert float(xp.asarray(3)) == 3.0
        assert complex(xp.asarray(1 + 2j)) == 1 + 2j
        assert [10, 11, 12][xp.asarray(2)] == 12

    @pytest.mark.parametrize("kind", [bool, int, float, complex])
    def test_of_others_is_a_type_error(self, x, kind: type) -> None:
        with pytest.raises((TypeError, ValueError)):
            kind(x)

    def test_only_integers_are_indices(self) -> None:
        with pytest.raises(TypeError):
            [1, 2][xp.asarray(1.0)]

    def test_operators(self) -> None:
        a = xp.asarray([[1, 2], [3, 4]])
        assert (a @ a).tolist() == [[7, 10], [15, 22]]
        assert (a.mT + 2 * a - a // 2).tolist() == xp.asarray([[3, 6], [7, 10]]).tolist()
        a @= xp.asarray([[0, 1], [1, 0]])
        assert a.tolist() == [[2, 1], [4, 3]]
        assert (~a & 3 | 4).tolist() == [[5, 6], [7, 4]]
        assert (a**2 % 3 << 1 >> 1 ^ 1).tolist() == [[0, 0], [0, 1]]

    def test_integer_arrays_and_masks_index(self, x) -> None:
        assert x[xp.asarray([2, 0]), xp.asarray([1, 3])].tolist() == [9, 3]
        assert x[x > 9].tolist() == [10, 11]
        x[x > 9] = 0
        assert xp.count_nonzero(x) == 9


class TestCompat:
    def test_its_helpers_know_our_arrays(self, x) -> None:
        assert compat.array_namespace(x) is xp
        assert compat.array_namespace(x, 1.0, None, api_version="2024.12") is xp
        assert compat.is_array_api_obj(x)
        assert compat.device(x) is x.device
        assert compat.to_device(x, x.device) is x
        assert compat.size(x) == 12
        assert compat.is_writeable_array(x)
        assert not compat.is_lazy_array(x)
        assert not compat.is_numpy_array(x)

    def test_mixed_with_other_libraries_is_an_error(self, x) -> None:
        with pytest.raises(TypeError, match="Multiple namespaces"):
            compat.array_namespace(x, np.ones(3))


def k_means(points: Any, k: int, rounds: int) -> tuple[Any, Any]:
    """Lloyd's algorithm, written against the standard and nothing else."""
    xp = compat.array_namespace(points)
    centres = points[:k, :]
    labels = xp.zeros(points.shape[0], dtype=xp.int64, device=compat.device(points))
    for _ in range(rounds):
        away = points[:, None, :] - centres[None, :, :]
        labels = xp.argmin(xp.sum(away * away, axis=2), axis=1)
        number = xp.arange(k, device=compat.device(points))
        member = xp.astype(labels[:, None] == number[None, :], points.dtype)
        centres = (member.mT @ points) / xp.sum(member, axis=0)[:, None]
    return centres, labels


def points_to_cluster() -> np.ndarray:
    """Three clouds, the first three points from one each."""
    rng = np.random.default_rng(3)
    clouds = rng.normal(size=(40, 3, 2)) * 0.3 + np.asarray([[0, 0], [4, 0], [0, 4]])
    return clouds.reshape(-1, 2).astype("f4")


@pytest.mark.parametrize("library", ["numpy", "torch", "array_api_strict"])
def test_one_algorithm_for_all_libraries(library: str) -> None:
    module = pytest.importorskip(library, reason="runs where it is installed")
    plain = points_to_cluster()
    theirs = [np.asarray(each) for each in k_means(module.asarray(plain), 3, 5)]
    ours = k_means(xp.asarray(plain), 3, 5)
    assert all(type(each) is fa.FPGAArray for each in ours)
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-5)
    assert np.array_equal(ours[1], theirs[1])


def mandelbrot_like(z: Any, rounds: int) -> Any:
    """Real arithmetic only, against the standard: what kernels do by themselves."""
    xp = compat.array_namespace(z)
    for _ in range(rounds):
        z = xp.where(xp.abs(z) < 2.0, xp.sqrt(z * z + 0.25), z)
    return xp.sum(z)


@pytest.mark.device_work
def test_what_kernels_can_do_is_one_launch() -> None:
    plain = np.linspace(-3, 3, 1000, dtype="f4")
    z = xp.asarray(plain)
    with fa.policy(dispatch="device", fallback="raise"), fa.profile() as p:
        ours = float(mandelbrot_like(z, 3))
    assert p.launches == 1
    assert ours == pytest.approx(float(mandelbrot_like(plain, 3)), rel=1e-6)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: xp.sqrt(x),
        lambda x: xp.add(x, x),
        lambda x: xp.add(2.0, x),
        lambda x: xp.sum(x),
        lambda x: xp.where(x > 5, x, 0.0),
        lambda x: xp.astype(x, xp.float64),
        lambda x: xp.sort(x),
        lambda x: xp.unique_counts(x).counts,
        lambda x: xp.linalg.solve(x[:, :3], x),
    ],
)
def test_reports_name_the_users_line(x, call) -> None:
    x = x + xp.eye(3, 4, dtype=x.dtype)
    with fa.policy(dispatch="host"), fa.profile() as p:
        call(x).tolist()
    code = call.__code__
    assert f"{code.co_filename}:{code.co_firstlineno}: " in str(p)
    assert "/fpgarray/array_api/" not in str(p)
    assert "array_api_compat" not in str(p)
