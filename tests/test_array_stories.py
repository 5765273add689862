"""What users see: NumPy's semantics, snapshots, scopes, doors. By example."""

from __future__ import annotations

import copy
import ctypes
import gc
import pickle
import sys
import weakref

import numpy as np
import pytest

import fpgarray as fa


@pytest.fixture(autouse=True, params=["auto", "device", "host"])
def dispatch(request: pytest.FixtureRequest):
    """Every story holds wherever its operations run."""
    with fa.policy(dispatch=request.param):
        yield request.param


@pytest.fixture
def x():
    return fa.asarray(np.arange(12, dtype="f4").reshape(3, 4))


def same(ours, theirs) -> None:
    plain, theirs = np.asarray(ours), np.asarray(theirs)
    assert plain.dtype == theirs.dtype
    assert plain.shape == theirs.shape
    assert np.array_equal(plain, theirs, equal_nan=plain.dtype.kind == "f")


class TestScalars:
    def test_an_element_is_a_copy(self, x) -> None:
        m = x[0, 1]
        x[0, 1] = 50
        assert float(m) == 1
        assert m.shape == ()

    def test_an_element_of_a_recorded_result_is_a_copy(self, x) -> None:
        y = x + 1
        m = y[0, 0]
        y[0, 0] = 5
        assert (float(m), float(y[0, 0])) == (1, 5)

    def test_in_place_operators_rebind_a_scalar(self, x) -> None:
        t = s = x.sum()
        s += 1
        assert (float(t), float(s)) == (66, 67)

    def test_scalars_cannot_be_written(self, x) -> None:
        s = x.sum()
        with pytest.raises(TypeError, match="item assignment"):
            s[...] = 1
        with pytest.raises(TypeError, match="scalar"):
            np.add(1, x[0, 0], out=s)

    @pytest.mark.parametrize("kind", [np.str_, np.bytes_])
    def test_text_is_numpys_own(self, kind: type) -> None:
        names = fa.asarray(np.array(["one", "two"]).astype(kind))
        found = [names[0], *names, names[::-1][1], names.flat[0], names.take(0), np.take(names, 1)]
        assert {type(each) for each in found} == {kind}
        assert kind().join(names) == kind().join(names.tolist())
        assert (names == names[0]).tolist() == [True, False]
        names[1] = names[0]
        assert names.tolist() == [names[0]] * 2

    def test_scalars_convert_hash_and_format(self, x) -> None:
        s = x.max()
        assert (int(s), float(s), complex(s), round(s, 1), s.item()) == (11, 11.0, 11 + 0j, 11, 11)
        assert hash(s) == hash(np.float32(11))
        assert f"{s:.2f}" == "11.00"

    def test_an_ellipsis_makes_a_view(self, x) -> None:
        v = x[1, 2, ...]
        v[...] = -1
        assert float(x[1, 2]) == -1

    def test_a_0d_array_is_no_scalar(self) -> None:
        z = fa.zeros((), "f4")
        z += 2
        z[()] = z * 3
        assert float(z) == 6
        with pytest.raises(TypeError):
            hash(z)


class TestViews:
    def test_writes_through_views_are_seen_by_all(self, x) -> None:
        plain = np.arange(12, dtype="f4").reshape(3, 4)
        for a in (x, plain):
            v = a[:, ::-2]
            v += 100
            a.T[1] = 7
            a.reshape(-1)[4:6] *= 2
        same(x, plain)

    def test_overlapping_in_place_reads_the_old_values(self, x) -> None:
        plain = np.arange(12, dtype="f4").reshape(3, 4)
        for a in (x, plain):
            a[1:] += a[:-1]
            a[:, 1:] = a[:, :-1]
            a[...] = a[::-1, ::-1]
        same(x, plain)

    @pytest.mark.parametrize("share", [np.shares_memory, np.may_share_memory])
    @pytest.mark.parametrize("n", [3, 100_000])
    def test_a_snapshot_shares_until_the_array_moves_away(self, share, n: int) -> None:
        x = fa.asarray(np.arange(n, dtype="f4"))
        before = np.asarray(x)
        assert share(before, x)
        assert share(x[1:], before)
        assert not share(x[2:], before[:1])
        assert not share(x, np.zeros(3))
        assert not share([1, 2], x)
        x[0] = 5
        assert not share(before, x)
        with x.host() as h:
            assert share(h, x)

    def test_who_copies_what_shares_may_write_into_its_copy(self) -> None:
        x = fa.asarray(np.arange(5.0))
        shuffled = np.random.default_rng(0).permutation(x)  # NumPy's own knows no protocol
        assert sorted(shuffled) == [0, 1, 2, 3, 4]
        assert x.tolist() == [0, 1, 2, 3, 4]

    def test_reshape_copies_only_when_it_must(self, x) -> None:
        assert np.shares_memory(x, x.reshape(4, 3))
        assert not np.shares_memory(x, x.T.reshape(-1))
        with pytest.raises(ValueError):
            x.T.reshape(-1, copy=False)
        with pytest.raises(ValueError, match="reshape"):
            x.reshape(5, 5)

    def test_result_layouts_are_numpys(self, x) -> None:
        plain = np.arange(12, dtype="f4").reshape(3, 4)
        assert (x.T + x.T).strides == (plain.T + plain.T).strides
        assert x.copy().strides == plain.copy().strides
        assert x.T.copy().strides == plain.T.copy().strides
        assert x.T.copy(order="K").strides == plain.T.copy(order="K").strides


class TestOperands:
    def test_an_ndarray_is_captured_at_the_call(self, x) -> None:
        other = np.ones((3, 4), "f4")
        y = x + other
        other[:] = 99
        same(y, np.arange(12, dtype="f4").reshape(3, 4) + 1)

    def test_asarray_copies(self) -> None:
        plain = np.ones(4, "f4")
        a = fa.asarray(plain)
        plain[:] = 0
        same(a, np.ones(4, "f4"))

    def test_an_ndarray_out_runs_at_the_call(self, x) -> None:
        out = np.empty((3, 4), "f4")
        assert np.add(x, 1, out=out) is out
        assert out[2, 3] == 12

    @pytest.mark.parametrize(
        "other", [2, 2.5, True, np.float32(3), np.float64(3), np.ones(4), [1, 2, 3, 4]]
    )
    def test_promotion_is_numpys(self, x, other) -> None:
        plain = np.arange(12, dtype="f4").reshape(3, 4)
        same(x * other, plain * other)
        same(other - x, other - plain)

    def test_errors_are_numpys(self, x) -> None:
        with pytest.raises(ValueError, match="could not be broadcast"):
            x + np.ones(5, "f4")
        with pytest.raises(np.exceptions.AxisError):
            x.sum(axis=7)
        with pytest.raises(ValueError, match="zero-size"):
            x[:0].min()
        with pytest.raises(TypeError):
            x & x
        with pytest.raises(IndexError):
            x[9]
        with pytest.raises(np._core._exceptions._UFuncOutputCastingError):
            np.add(x, 1.5, out=fa.zeros((3, 4), bool))

    def test_foreign_operands_get_their_turn(self, x) -> None:
        class Theirs:
            __array_ufunc__ = None

            def __radd__(self, other: object) -> str:
                return "theirs"

        assert x + Theirs() == "theirs"

    def test_where_and_out(self, x) -> None:
        plain = np.arange(12, dtype="f4").reshape(3, 4)
        for a in (x, plain):
            out = a * 0 - 1
            np.sqrt(a, out=out, where=a > 5)
            a[:] = out
        same(x, plain)

    def test_x_times_x_minus_y_times_y_is_zero(self) -> None:
        values = np.random.default_rng(1).random(5000).astype("f4")
        a, b = fa.asarray(values), fa.asarray(values)
        assert not np.asarray(a * a - b * b).any()


class TestSnapshots:
    def test_a_snapshot_never_changes(self, x) -> None:
        before = np.asarray(x)
        expected = before.copy()
        x += 1
        x[0] = 5
        with x.host() as h:
            h[1] = 6
        float(x.sum())
        assert np.array_equal(before, expected)
        with pytest.raises(ValueError, match="read-only"):
            before[0] = 1

    def test_a_slice_of_a_snapshot_kept_alone_keeps_the_lease(self, x) -> None:
        kept = np.asarray(x)[1:2, 1:]
        expected = kept.copy()
        gc.collect()
        x[:] = -1
        same(x, np.full((3, 4), -1, "f4"))
        filler = [fa.asarray(np.full((3, 4), 9, "f4")) for _ in range(50)]
        assert np.array_equal(kept, expected), filler

    def test_a_snapshot_is_no_copy_and_its_base_is_no_ndarray(self) -> None:
        a = fa.asarray(np.ones(100_000, "f4"))
        one, two = np.asarray(a), np.asarray(a)
        assert np.shares_memory(one, two)
        base = one
        while isinstance(base, np.ndarray):
            base = base.base
        assert base is not None

    def test_memory_outlives_the_array(self) -> None:
        a = fa.asarray(np.full(100_000, 3, "f4"))
        kept = np.asarray(a)[::7]
        del a
        gc.collect()
        filler = [fa.asarray(np.zeros(100_000, "f4")) for _ in range(20)]
        assert (kept == 3).all(), filler

    @pytest.mark.parametrize("take", ["interface", "ctypes", "dlpack", "pil"])
    def test_every_door_hands_out_a_lease(self, take) -> None:
        a = fa.asarray(np.arange(12, dtype="u1").reshape(3, 4))
        if take == "interface":

            class Carrier:
                __array_interface__ = a.__array_interface__

            held = np.asarray(Carrier())
        elif take == "ctypes":
            plain = np.asarray(a)
            held = np.frombuffer((ctypes.c_uint8 * 12).from_buffer_copy(plain), "u1").reshape(3, 4)
        elif take == "dlpack":
            held = np.from_dlpack(a)
        else:
            image = pytest.importorskip("PIL.Image", reason="pillow is not installed")
            held = np.asarray(image.fromarray(a))
        a[:] = 0
        same(a, np.zeros((3, 4), "u1"))
        assert np.array_equal(held, np.arange(12, dtype="u1").reshape(3, 4))

    def test_views_of_every_sign_pass_the_interface(self, x) -> None:
        plain = np.arange(12, dtype="f4").reshape(3, 4)
        for key in (np.s_[::-1], np.s_[:, ::-2], np.s_[1:, 1], np.s_[:0], np.s_[None, ..., 2]):
            same(x[key], plain[key])
            same(np.array(x[key].__array__()), plain[key])

    def test_dlpack_to_an_old_consumer_is_a_copy(self, x) -> None:
        assert np.asarray(x)[0, 0] == 0
        capsule = x.__dlpack__()
        assert "dltensor" in repr(capsule)
        assert x.__dlpack_device__() == (1, 0)
        with pytest.raises(BufferError):
            x.__dlpack__(copy=False)

    def test_torch_sees_a_snapshot(self, x) -> None:
        torch = pytest.importorskip("torch", reason="torch is not installed")
        held = torch.from_dlpack(x)
        x += 1
        float(x.sum())
        assert held[0, 0] == 0

    @pytest.mark.skipif(sys.version_info < (3, 12), reason="__buffer__ needs Python 3.12")
    def test_the_buffer_protocol_is_read_only(self, x) -> None:
        assert memoryview(x).readonly
        assert bytes(memoryview(x)) == np.asarray(x).tobytes()

    def test_array_takes_dtype_and_copy(self, x) -> None:
        assert np.asarray(x, dtype="f8").dtype == "f8"
        fresh = np.array(x)
        fresh[0] = 5
        with pytest.raises(ValueError):
            np.array(x, dtype="f8", copy=False)


class TestHostScope:
    def test_writes_reach_the_array(self, x) -> None:
        with x[1:].host() as h:
            h += 10
        plain = np.arange(12, dtype="f4").reshape(3, 4)
        plain[1:] += 10
        same(x, plain)
        same(x * 2, plain * 2)

    def test_recorded_work_comes_first(self, x) -> None:
        y = x + 1
        with x.host() as h:
            h[...] = 0
        same(y, np.arange(12, dtype="f4").reshape(3, 4) + 1)

    def test_use_inside_the_scope_names_where_it_was_entered(self, x) -> None:
        with x[0].host() as h:
            h[0] = 1
            with pytest.raises(fa.CoherenceError, match="test_array_stories.py:"):
                np.asarray(x)
            with pytest.raises(fa.CoherenceError):
                x + 1
            with pytest.raises(fa.CoherenceError):
                x[0, 1] = 2
            with pytest.raises(fa.CoherenceError), x.host():
                pass
            same(x[1:], np.arange(4, 12, dtype="f4").reshape(2, 4))
            same(x[1:] + 1, np.arange(5, 13, dtype="f4").reshape(2, 4))
        assert float(x[0, 0]) == 1

    def test_late_writes_reach_nothing(self, x) -> None:
        with x.host() as h:
            escaped = h[1:]
            h[0] = 7
        escaped[...] = 99
        with pytest.raises(ValueError, match="read-only"):
            h[0] = 98
        plain = np.arange(12, dtype="f4").reshape(3, 4)
        plain[0] = 7
        same(x, plain)
        same(x + 0, plain)

    def test_what_was_lent_is_a_snapshot_afterwards(self, x) -> None:
        with x.host() as h:
            h[0] = 7
        x[0] = 8
        float(x.sum())
        assert h[0, 0] == 7

    def test_an_exception_inside_still_closes_it(self, x) -> None:
        with pytest.raises(ZeroDivisionError), x.host() as h:
            h[0, 0] = 41
            raise ZeroDivisionError
        assert float(x[0, 0]) == 41


class TestOtherThings:
    def test_copies_and_pickles(self, x) -> None:
        for other in (copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x)), x.copy()):
            assert isinstance(other, fa.FPGAArray)
            assert not np.shares_memory(other, x)
            same(other, np.asarray(x))

    def test_fallback_results_are_ours(self, x) -> None:
        for result in (np.sort(x), np.cumsum(x, axis=0), x[[0, 2]], np.linalg.norm(x), x[x > 5]):
            assert isinstance(result, fa.FPGAArray)
        assert isinstance(np.allclose(x, x), bool)

    def test_fancy_assignment_and_mutating_functions(self, x) -> None:
        plain = np.arange(12, dtype="f4").reshape(3, 4)
        for a in (x, plain):
            a[a > 6] = 0
            a[[0, 2], [1, 1]] = 5
            np.put(a, [0], 42)
            np.copyto(a[2], a[1])
            a.sort(axis=0)
        same(x, plain)

    def test_a_failing_fallback_changes_nothing(self, x) -> None:
        with pytest.raises(IndexError):
            x[[0, 9]] = 5
        with pytest.raises(ValueError):
            x[[True, False, True]] = np.ones((5, 5))
        same(x, np.arange(12, dtype="f4").reshape(3, 4))

    def test_other_dtypes_work_in_numpy(self) -> None:
        for plain in (
            np.arange(6),
            np.arange(6) * 1j,
            np.array(["a", "bc"]),
            np.array([None, 3, "x"]),
        ):
            ours = fa.asarray(plain)
            same(ours[::-1], plain[::-1])
            ours[0] = plain[1]
            assert ours.tolist()[0] == plain.tolist()[1]
        same(fa.asarray(np.arange(6)) // 4 + 1, np.arange(6) // 4 + 1)

    def test_zero_size_arrays(self) -> None:
        plain = np.zeros((0, 3), "f4")
        ours = fa.asarray(plain)
        same(ours + 1, plain + 1)
        same(ours.sum(axis=0), plain.sum(axis=0))
        same(np.sqrt(ours).T, plain.T)
        ours[...] = 4
        assert ours.size == 0

    def test_the_repr_names_the_device(self, x) -> None:
        assert "emulator:0" in repr(x)
        assert repr(x).startswith("array(")
        assert str(x) == str(np.asarray(x))

    def test_iteration_and_length(self, x) -> None:
        assert len(x) == 3
        rows = list(x)
        rows[1][...] = 0
        assert float(x[1].sum()) == 0
        with pytest.raises(TypeError):
            len(x.sum())
        with pytest.raises(TypeError):
            iter(x[0, 0])

    def test_arrays_die(self) -> None:
        def work() -> tuple[weakref.ref, weakref.ref]:
            a = fa.asarray(np.ones(5))
            b = a + 1
            assert float(b[0]) == 2
            return weakref.ref(a), weakref.ref(b)

        gone = work()
        assert [each() for each in gone] == [None, None]


class TestOddArguments:
    """What a review once broke: each of these gave a crash or a wrong answer."""

    @pytest.mark.parametrize(
        "key", [range(2), np.array(1), np.array([1]), [True, False, True], (np.array(0), 1), True]
    )
    def test_indices_that_copy(self, x, key) -> None:
        plain = np.arange(12, dtype="f4").reshape(3, 4)
        same(x[key], plain[key])
        for a in (x, plain):
            a[key] = 5
        same(x, plain)

    def test_a_step_of_its_own_index_type(self, x) -> None:
        class Two:
            def __index__(self) -> int:
                return 2

        assert np.array_equal(np.asarray(x[Two()]), np.arange(8, 12, dtype="f4"))
        same(x[np.int8(1)], np.arange(4, 8, dtype="f4"))

    def test_structures_with_objects(self) -> None:
        plain = np.array([(1, 2.0), ("x", 3.0)], dtype=[("a", "O"), ("b", "f4")])
        ours = fa.asarray(plain)
        assert ours[::-1].tolist() == plain[::-1].tolist()
        assert np.asarray(ours["b"]).tolist() == [2.0, 3.0]

    def test_numbers_written_to_bools_are_bools(self, x) -> None:
        plain = np.arange(12, dtype="f4").reshape(3, 4)
        ours, theirs = fa.zeros((3, 4), bool), np.zeros((3, 4), bool)
        mask = plain > 3
        for a, out, m in ((x, ours, fa.asarray(mask)), (plain, theirs, mask)):
            np.add(a, a, out=out, casting="unsafe")
            a += out * 2.0
            np.add(a, a, out=out, where=m, casting="unsafe")
            a += out
        same(x, plain)
        same(np.logical_not(x), np.logical_not(plain))

    def test_scopes_on_neighbours_keep_all_writes(self, x) -> None:
        with x[0].host() as h:
            with x[1:].host() as g:
                g[:] = 2
            h[:] = 1
            np.asarray(x[1:])
            h[0] = 3
        same(x, np.array([[3, 1, 1, 1], [2] * 4, [2] * 4], "f4"))

    @pytest.mark.parametrize("order", "CFAK")
    def test_flattening_orders(self, x, order) -> None:
        plain = np.arange(12, dtype="f4").reshape(3, 4)
        for view in (np.s_[...], np.s_[::-1], np.s_[:, ::2]):
            same(x[view].T.flatten(order), plain[view].T.flatten(order))
            same(x[view].T.ravel(order), plain[view].T.ravel(order))

    def test_a_scalar_has_no_views(self, x) -> None:
        s = x.sum()
        v = s[...]
        v[...] = 0
        s.reshape(1)[:] = 0
        assert float(s) == 66

    def test_a_failing_write_changes_nothing(self, x) -> None:
        with pytest.raises((ValueError, TypeError)):
            x[0] = np.array([1.0, "a", None, 2], dtype=object)
        with pytest.raises(ValueError):
            x[1] = np.ones(3)
        same(x, np.arange(12, dtype="f4").reshape(3, 4))

    def test_an_error_of_a_fallback_is_its_own(self, x) -> None:
        class Bad:
            def __bool__(self) -> bool:
                raise RuntimeError("no truth")

        with pytest.raises(RuntimeError, match="no truth"):
            np.where(fa.asarray(np.array([Bad()], object)), x, 0)
        same(x + 1, np.arange(12, dtype="f4").reshape(3, 4) + 1)

    def test_comparison_with_text_and_pow_with_modulo(self, x) -> None:
        assert (x == "a") is False or not np.asarray(x == "a").any()
        with pytest.raises(TypeError):
            pow(x, 2, 3)

    def test_only_the_mask_is_ours(self, x) -> None:
        mask = fa.asarray(np.array([True, False]))
        out = np.zeros(2)
        np.add(np.ones(2), 1, out=out, where=mask)
        assert out.tolist() == [2, 0]


class TestPolicies:
    def test_raise_names_the_reason_at_the_call(self, x) -> None:
        with fa.policy(fallback="raise"):
            with pytest.raises(fa.FallbackError, match="no kernel for sort"):
                np.sort(x)
            with pytest.raises(fa.FallbackError, match="int16"):
                fa.asarray(np.arange(3, dtype="i2")) + 1
            same(x + 1, np.asarray(x) + 1)

    def test_warn_points_at_the_users_line(self, x) -> None:
        with fa.policy(fallback="warn"), pytest.warns(fa.FallbackWarning, match="sort") as caught:
            np.sort(x)
        assert caught[0].filename == __file__

    def test_bad_policies_are_refused(self) -> None:
        with (
            pytest.raises(ValueError, match="dispatch='gpu': expected one of 'auto'"),
            fa.policy(dispatch="gpu"),
        ):
            pass
        with pytest.raises(TypeError, match="speed"), fa.policy(speed="fast"):
            pass


class TestIteration:
    """A loop over an array sees each element as it is at that moment, and moves bytes once."""

    def loop(self, x, write):
        seen = []
        for i, value in enumerate(x):
            if i == 3:
                x[5:] = x[5:] * 10
            if i == 6:
                x += 1
            if i == 7:
                write(x)
            seen.append(float(value))
        return seen

    def test_changes_on_the_way_are_seen(self) -> None:
        def by_scope(x):
            with x.host() as h:
                h[9] = 77

        def by_index(x):
            x[9] = 77

        want = self.loop(np.arange(10.0), by_index)
        for dispatch in ("auto", "device"):
            with fa.policy(dispatch=dispatch):
                assert self.loop(fa.arange(10.0), by_scope) == want
                assert self.loop(fa.arange(10.0), by_index) == want

    def test_a_result_on_the_device_comes_home_once(self) -> None:
        x = fa.arange(1000.0)
        with fa.policy(dispatch="device"), fa.profile() as p:
            doubled = x * 2
            assert sum(float(value) for value in doubled) == 999_000
        assert (p.launches, p.bytes_from_device) == (1, 8000)
