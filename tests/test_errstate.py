"""Floating-point errors are NumPy's: which, of what, where, and under which errstate."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fpgarray as fa

few = settings(max_examples=25)
"""Many parameters, few examples each."""

SPECIAL = (0.0, -0.0, 1.0, -1.0, 2.5, -3.0, 1e30, -1e30, np.inf, -np.inf, np.nan)
LIMITS = {"f4": (3e38, -3e38, 1e38), "f8": (1.7e308, -1.7e308, 1e300)}

UNARY: dict[str, Callable[[Any], Any]] = {
    "sqrt": np.sqrt,
    "log": np.log,
    "exp": np.exp,
    "sin": np.sin,
    "cos": np.cos,
    **{
        each.__name__: each
        for each in (
            *(np.exp2, np.expm1, np.log2, np.log10, np.log1p, np.tan, np.arcsin, np.arccos),
            *(np.arctan, np.sinh, np.cosh, np.tanh, np.arcsinh, np.arccosh, np.arctanh, np.cbrt),
            *(np.square, np.reciprocal, np.rint, np.floor, np.sign, np.spacing, np.degrees),
            *(np.isnan, np.isfinite),
        )
    },
    "negative": np.negative,
    "absolute": np.absolute,
    "max": np.max,
    "bool": lambda x: x.astype(bool),
    "square": lambda x: x * x,
    "inverse": lambda x: 1 / x,
}
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "minimum": np.minimum,
    **{
        each.__name__: each
        for each in (
            *(np.floor_divide, np.remainder, np.fmod, np.hypot),
            *(np.arctan2, np.copysign, np.fmax, np.nextafter, np.heaviside),
        )
    },
    # NumPy's own loop says overflow of 1e30 ** inf, but of float32 only.
    "power": lambda x, y: np.power(x, np.where(np.isfinite(y), y, 2)),
    "less": np.less,
    "swallowed": lambda x, y: 1 / (x / y),
    "hidden": lambda x, y: np.maximum(x / y, 0) < 1,
    "chosen": lambda x, y: np.where(y != 0, x / y, 0),
    "fused": lambda x, y: x * y + x,
    "products": lambda x, y: x * x - y * y,
    "deep": lambda x, y: np.sqrt(np.log(x * y) - x / y) * np.exp(y),
    "highest": lambda x, y: (x / y).max(),
}


def values(dtype: str) -> st.SearchStrategy[np.ndarray]:
    """Short arrays rich in what matters."""
    elements = st.sampled_from(SPECIAL + LIMITS[dtype])
    return st.lists(elements, min_size=1, max_size=6).map(lambda x: np.array(x, dtype))


def warned(statement: Callable[[], Any]) -> set[str]:
    """The texts of the RuntimeWarnings that a statement and reading its result give."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        np.asarray(statement())
    return {str(each.message) for each in caught if each.category is RuntimeWarning}


@pytest.fixture(params=["host", "device"], scope="class")
def dispatch(request: pytest.FixtureRequest) -> Iterator[str]:
    with fa.policy(dispatch=request.param):
        yield request.param


class TestCategories:
    """The set of (category, operation) is NumPy's, whoever computes."""

    @pytest.mark.parametrize("name", UNARY)
    @few
    @given(data=st.data(), dtype=st.sampled_from(["f4", "f8"]))
    def test_unary(self, dispatch, name, data, dtype) -> None:
        x = data.draw(values(dtype))
        call = UNARY[name]
        assert warned(lambda: call(fa.asarray(x))) == warned(lambda: call(x))

    @pytest.mark.parametrize("name", BINARY)
    @few
    @given(data=st.data(), dtype=st.sampled_from(["f4", "f8"]))
    def test_binary(self, dispatch, name, data, dtype) -> None:
        x = data.draw(values(dtype))
        y = np.resize(data.draw(values(dtype)), x.shape)
        call = BINARY[name]
        assert warned(lambda: call(fa.asarray(x), fa.asarray(y))) == warned(lambda: call(x, y))

    @few
    @given(data=st.data(), off=st.sampled_from(["divide", "over", "invalid"]))
    def test_what_is_ignored_at_recording_stays_so(self, dispatch, data, off) -> None:
        x, y = data.draw(values("f8")), data.draw(values("f8"))[:1]

        def statement(x: Any, y: Any) -> Any:
            with np.errstate(**{off: "ignore"}):
                z = x / y
            return z * 1e300

        ours = warned(lambda: statement(fa.asarray(x), fa.asarray(y)))
        assert ours == warned(lambda: statement(x, y))

    @few
    @given(data=st.data(), dtype=st.sampled_from(["f4", "f8"]), axis=st.sampled_from([None, 0, 1]))
    def test_sums(self, dispatch, data, dtype, axis) -> None:
        """What a sum meets on its way depends on the order; here no order makes a difference."""
        big = LIMITS[dtype][0]
        kinds = [
            (1.0, big),
            (-1.0, np.inf),
            (1.0, -np.inf, np.inf),
            (np.nan, np.inf),
        ]
        some = st.lists(
            st.sampled_from(data.draw(st.sampled_from(kinds))), min_size=12, max_size=12
        )
        x = np.array(data.draw(some), dtype).reshape(3, 4)
        if axis is None:
            x = np.repeat(x, 200, axis=1)
        assert warned(lambda: fa.asarray(x).sum(axis)) == warned(lambda: x.sum(axis))
        ours, theirs = (warned(lambda a=a: (a * 2).sum(axis)) for a in (fa.asarray(x), x))
        assert ours == theirs

    @few
    @given(x=values("f8"))
    def test_casts(self, dispatch, x) -> None:
        assert warned(lambda: fa.asarray(x).astype("f4")) == warned(lambda: x.astype("f4"))

        def into(array: Callable[..., Any]) -> Any:
            out = array(np.zeros(x.shape, "f4"))
            np.multiply(array(x), 2, out=out)
            return out

        assert warned(lambda: into(fa.asarray)) == warned(lambda: into(np.array))

    @few
    @given(data=st.data())
    def test_where_keeps_errors_away(self, dispatch, data) -> None:
        x, y = data.draw(values("f8")), data.draw(values("f8"))[:1]

        def statement(array: Callable[..., Any]) -> Any:
            a, b, out = array(x), array(y), array(np.zeros(x.shape))
            np.divide(a, b, out=out, where=(b != 0) & (a > 0))
            return out

        assert warned(lambda: statement(fa.asarray)) == warned(lambda: statement(np.array))

    def test_scalars_have_their_own_name(self, dispatch) -> None:
        x = np.array([1.0, 0.0])
        assert warned(lambda: fa.asarray(x)[0] / 0) == warned(lambda: x[0] / 0)
        ours = fa.asarray(x)
        assert warned(lambda: ours[0] / ours[1]) == {"divide by zero encountered in scalar divide"}


ONE_BAD = {
    "one operation": lambda x: 1.5 / x,
    "in place": lambda x: np.divide(1.5, x, out=x),
    "chain": lambda x: np.exp(1 / x - 3) * 0.5,
    "swallowed": lambda x: np.minimum(2 / (1 / (x * 2)), 1) > 0,
    "broadcast": lambda x: x.reshape(-1, 125)[:, :1] / x.reshape(-1, 125),
    "strided": lambda x: 1 / x[::-1] + 1 / x.reshape(-1, 25).T.reshape(-1),
    "narrowed": lambda x: (1e39 * x.astype("f8") + 1e30 / x).astype("f4"),
    "reduced": lambda x: (3.5 / x).sum(),
    "columns": lambda x: (3.5 / x).reshape(-1, 1000).sum(0),
    "sum of columns": lambda x: (x.astype("f8") * 1e308).reshape(-1, 1000).sum(0),
    "rows": lambda x: (3.5 / x).reshape(-1, 1000).max(1),
    "in place and summed": lambda x: np.divide(1.5, x, out=x).reshape(-1, 1000).sum(0),
    "fused": lambda x: np.sqrt(x * x - 0.1 * 0.1 + x * 0.5),
}


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("name", ONE_BAD)
def test_one_bad_element_among_many(name: str, dtype: str) -> None:
    """Wherever it lies: in which tile, dealt to which processor, between which strides."""
    rng = np.random.default_rng(5)
    for size, place in ((1000, 999), (125_000, 64_000), (500_000, 499_999)):
        x = rng.uniform(0.5, 1, size).astype(dtype)
        for bad in (None, place):
            if bad is not None:
                x[bad] = 0
            with fa.policy(dispatch="device"), fa.profile() as p:
                ours = warned(lambda x=x: ONE_BAD[name](fa.asarray(x)))
            assert ours == warned(lambda x=x: ONE_BAD[name](x.copy()))
            assert p.launches and not p.fallbacks


@pytest.mark.parametrize("kind", ["kernel", "hang"])
def test_a_launch_done_again_tells_once(kind: str, monkeypatch) -> None:
    monkeypatch.setattr(fa.options, "launch_timeout_ms", 200)
    x = fa.asarray([1.0, 0.0])
    faults = fa.devices()[0].runtime.faults
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with fa.policy(dispatch="device"):
            np.asarray(x + 1)
            faults.inject(kind)
            np.asarray(1 / x)
    assert [str(each.message) for each in caught if each.category is RuntimeWarning] == [
        "divide by zero encountered in divide"
    ]


def test_more_launches_than_lines_are_all_heard() -> None:
    x = fa.asarray([1.0, 0.0])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with fa.policy(dispatch="device"):
            y = [1 / x[i:] for i in (0, 1) for _ in range(70)]
            fa.synchronize()
    del y
    assert len(caught) == 140


class TestWhenAndWhere:
    def test_the_warning_names_the_recordings_line(self, dispatch) -> None:
        x = fa.asarray([1.0, 0.0])
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            y = 1 / x  # here
            np.asarray(y)
        (warning,) = caught
        assert warning.filename == __file__
        assert "# here" in Path(__file__).read_text().splitlines()[warning.lineno - 1]

    @pytest.mark.parametrize("file", ["/tmp/ipykernel_1/2.py", "<string>"])
    def test_code_of_no_module_is_told_too(self, file: str, dispatch) -> None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            exec(compile("y = 1 / fa.asarray([0.0])\nprint(y)", file, "exec"), {"fa": fa})
        assert [(each.filename, each.lineno) for each in caught] == [(file, 1)]

    def test_it_comes_at_the_run_and_once(self, dispatch) -> None:
        x = fa.asarray([1.0, 0.0])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            y = 1 / x
            with pytest.raises(RuntimeWarning, match="divide by zero encountered in divide"):
                np.asarray(y)
            assert np.array_equal(y, [1.0, np.inf])  # the result is there all the same

    def test_dead_operations_say_nothing(self, dispatch) -> None:
        x = fa.asarray([1.0, 0.0])

        def statement() -> Any:
            y = 1 / x
            del y
            return x + 1

        assert warned(statement) == set()

    def test_a_line_in_a_loop_is_shown_once(self, dispatch) -> None:
        x = fa.asarray([1.0, 0.0])
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("default")
            for _ in range(3):
                np.asarray(1 / x)
        assert len(caught) == 1

    def test_fallbacks_point_at_the_line_too(self, dispatch) -> None:
        x = fa.asarray([2.0, 0.0])
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            np.linalg.inv(np.arctanh(x).reshape(2, 1) @ x.reshape(1, 2) + np.eye(2))  # here
        assert caught
        assert caught[0].filename == __file__
        assert "# here" in Path(__file__).read_text().splitlines()[caught[0].lineno - 1]

    def test_threads_have_their_own_errstate(self, dispatch) -> None:
        x = fa.asarray([1.0, 0.0])
        results: list[Any] = []

        def work() -> None:
            with fa.policy(dispatch=dispatch):
                results.append(1 / x)

        with np.errstate(all="raise"):
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
            assert warned(lambda: results[0]) == {"divide by zero encountered in divide"}


class TestAtTheCall:
    """Under raise, call, print and log NumPy computes when it is asked."""

    @pytest.mark.parametrize("name", [*UNARY, *BINARY])
    @few
    @given(data=st.data(), dtype=st.sampled_from(["f4", "f8"]))
    def test_raise(self, dispatch, name, data, dtype) -> None:
        x = data.draw(values(dtype))
        arguments = [x] if name in UNARY else [x, np.resize(data.draw(values(dtype)), x.shape)]
        call = UNARY.get(name) or BINARY[name]

        def outcome(array: Callable[..., Any]) -> Any:
            with np.errstate(all="raise"):
                try:
                    return np.shape(call(*map(array, arguments)))
                except FloatingPointError as error:
                    return str(error)

        assert outcome(fa.asarray) == outcome(np.array)

    def test_call(self, dispatch) -> None:
        heard: list[Any] = []
        with np.errstate(all="call", call=lambda *what: heard.append(what)):
            fa.asarray([1.0, 0.0]) / 0
        assert [words for words, _ in heard] == ["divide by zero", "invalid value"]

    def test_log(self, dispatch) -> None:
        class Log:
            lines: list[str] = []

            def write(self, line: str) -> None:
                self.lines.append(line)

        with np.errstate(all="log", call=Log()):
            np.sqrt(fa.asarray([-1.0]))
        assert Log.lines == ["Warning: invalid value encountered in sqrt\n"]

    def test_print(self, dispatch, capfd) -> None:
        with np.errstate(all="print"):
            np.log(fa.asarray([0.0]))
        assert "divide by zero encountered in log" in capfd.readouterr().err

    def test_it_is_counted_with_its_reason(self, dispatch) -> None:
        x = fa.asarray([1.0, 2.0])
        with fa.profile() as p, np.errstate(over="raise"):
            y = x * 2
            np.asarray(y)
        assert p.fallbacks == 1
        assert "errstate(over='raise')" in str(p)

    def test_what_cannot_meet_an_error_is_recorded(self, dispatch) -> None:
        x = fa.asarray([1.0, 2.0])
        with fa.policy(fallback="raise"), np.errstate(all="raise"):
            y = np.maximum(-x, 0) < 1
        assert np.array_equal(y, [True, True])

    def test_a_narrowing_assignment_raises(self, dispatch) -> None:
        x, wide = fa.zeros(2, "f4"), fa.asarray([1e300, 1.0])
        with np.errstate(over="raise"):
            with pytest.raises(FloatingPointError, match="overflow encountered in cast"):
                x[...] = wide
            with pytest.raises(FloatingPointError, match="overflow encountered in cast"):
                wide.astype("f4")
        assert np.array_equal(x, [0, 0])


def test_errors_of_results_that_are_stored_as_bools_are_told():
    plain = np.array([0.0, 1000.0, -1.0])
    for function in (np.exp, lambda x, **more: np.divide(x, 0.0, **more)):
        told = []
        for x, out in (
            (plain, np.zeros(3, bool)),
            (fa.asarray(plain), fa.zeros(3, bool)),
        ):
            with warnings.catch_warnings(record=True) as caught, fa.policy(dispatch="device"):
                warnings.simplefilter("always")
                function(x, out=out, casting="unsafe")
                np.asarray(out)
            told.append(sorted({str(each.message) for each in caught}))
        assert told[0] == told[1] != []


def test_lines_of_findings_that_interrupts_lost_are_found_again():
    device = fa.devices()[0]
    fa.synchronize()
    with fa.policy(dispatch="device"):
        float(fa.asarray(np.ones(50)).sum())
        fa.synchronize()
        device.lines.clear()
        x = fa.asarray(np.arange(3.0)) - 1
        with pytest.warns(RuntimeWarning, match="invalid value encountered in log"):
            found = np.asarray(np.log(x))
    np.testing.assert_array_equal(found[1:], [-np.inf, 0])
