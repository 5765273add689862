"""Which of NumPy's public names is what. Tables only.

A ufunc, a function that NumPy dispatches, a dtype, a constant say by their type what they are. What
is listed here are the others: functions that make arrays, functions that NumPy does not dispatch,
and what is NumPy's own in our namespace too, each with the reason why that is right.
"""

from __future__ import annotations

SUBMODULES: dict[str, str] = {
    "char": "string functions",
    "core": "NumPy's old private names",
    "ctypeslib": "ctypes and ndarrays",
    "dtypes": "dtype classes",
    "emath": "mathematics that leaves the reals where it must",
    "exceptions": "NumPy's exceptions",
    "f2py": "Fortran to Python",
    "fft": "discrete Fourier transforms",
    "lib": "NumPy's library modules",
    "lib.array_utils": "tools for axes",
    "lib.format": "the .npy file format",
    "lib.introspect": "which CPU code NumPy runs",
    "lib.mixins": "a class for containers",
    "lib.npyio": "NumPy's file classes",
    "lib.recfunctions": "functions for structured arrays",
    "lib.scimath": "mathematics that leaves the reals where it must",
    "lib.stride_tricks": "views by strides",
    "linalg": "linear algebra",
    "ma": "masked arrays",
    "polynomial": "polynomials",
    "polynomial.chebyshev": "Chebyshev series",
    "polynomial.hermite": "Hermite series",
    "polynomial.hermite_e": "Hermite series, probabilists'",
    "polynomial.laguerre": "Laguerre series",
    "polynomial.legendre": "Legendre series",
    "polynomial.polynomial": "power series",
    "polynomial.polyutils": "what the series have in common",
    "random": "random numbers, NumPy's bit for bit",
    "rec": "record arrays",
    "strings": "string ufuncs",
    "typing": "types for annotations",
}
"""Modules of numpy that are modules of fpgarray too, and what each is for."""

OWN_MODULES = frozenset({"testing"})
"""Modules of fpgarray's own that have a namesake in NumPy, whose names they offer too."""

CREATING: dict[str, frozenset[str]] = {
    "numpy": frozenset(
        {
            *("arange", "bartlett", "blackman", "diag_indices", "eye", "frombuffer", "fromfile"),
            *("fromiter", "fromregex", "fromstring", "genfromtxt", "geomspace", "hamming"),
            *("hanning", "identity", "indices", "kaiser", "linspace", "loadtxt", "logspace"),
            *("mask_indices", "require", "tri", "tril_indices", "triu_indices"),
        }
    ),
    "numpy.fft": frozenset({"fftfreq", "rfftfreq"}),
}
"""Functions that make arrays of no others: they take `device=`."""

HOSTED: dict[str, frozenset[str]] = {
    "numpy": frozenset({"asarray_chkfinite", "row_stack"}),
    "numpy.lib.stride_tricks": frozenset({"as_strided"}),
    "numpy.lib.format": frozenset({"read_array"}),
}
"""Functions that NumPy does not dispatch, but that take or give arrays."""

WHOLLY_HOSTED = frozenset({"numpy.char", "numpy.strings"})
"""Modules whose functions, if NumPy does not dispatch them, are hosted."""

SERIES = frozenset(
    f"numpy.polynomial.{name}"
    for name in ("chebyshev", "hermite", "hermite_e", "laguerre", "legendre", "polynomial")
)
"""Modules of series, hosted too: their functions convert what they are given."""

HOST_CLASS = "an ndarray subclass or a view of one: it lives on the host; asarray() copies it over"
STATE = "state of NumPy itself, or a question about the installation"
NO_ARRAY = "takes and gives no arrays: names, numbers, text, dtypes"
GENERATOR = "the state of a generator, which is NumPy's, or bytes"
ITERATOR = "walks elements one by one on the host: reads a snapshot"

REEXPORTED: dict[str, dict[str, str]] = {
    "numpy": {
        **dict.fromkeys(("asmatrix", "bmat", "matrix", "memmap", "recarray", "record"), HOST_CLASS),
        **dict.fromkeys(
            ("broadcast", "flatiter", "ndenumerate", "ndindex", "nditer", "nested_iters"), ITERATOR
        ),
        **dict.fromkeys(
            ("errstate", "get_printoptions", "getbufsize", "geterr", "geterrcall", "info"), STATE
        ),
        **dict.fromkeys(("printoptions", "set_printoptions", "setbufsize", "seterr"), STATE),
        **dict.fromkeys(("seterrcall", "show_config", "show_runtime", "test"), STATE),
        **dict.fromkeys(("get_include",), STATE),
        **dict.fromkeys(
            ("base_repr", "binary_repr", "broadcast_shapes", "busdaycalendar"), NO_ARRAY
        ),
        **dict.fromkeys(("datetime_data", "dtype", "finfo", "format_float_positional"), NO_ARRAY),
        **dict.fromkeys(("format_float_scientific", "iinfo", "isdtype", "issubdtype"), NO_ARRAY),
        **dict.fromkeys(("iterable", "mintypecode", "promote_types", "typename"), NO_ARRAY),
        **dict.fromkeys(("index_exp", "s_", "ScalarType", "sctypeDict", "typecodes"), NO_ARRAY),
        "isfortran": "asks an array's flags, ours too",
        "poly1d": "its coefficients are a few numbers on the host; what it evaluates is dispatched",
    },
    "numpy.linalg": {"test": STATE},
    "numpy.fft": {"test": STATE},
    "numpy.lib": {
        **dict.fromkeys(("Arrayterator",), ITERATOR),
        **dict.fromkeys(("NumpyVersion", "add_docstring", "add_newdoc", "test"), STATE),
        "tracemalloc_domain": STATE,
    },
    "numpy.lib.array_utils": {
        **dict.fromkeys(("normalize_axis_index", "normalize_axis_tuple"), NO_ARRAY),
        "byte_bounds": "an address in host memory, which an FPGAArray has only for a moment",
    },
    "numpy.lib.mixins": {"NDArrayOperatorsMixin": "for classes of the user's own"},
    "numpy.lib.npyio": {"DataSource": "opens files and URLs"},
    "numpy.lib.recfunctions": dict.fromkeys(
        ("flatten_descr", "get_fieldstructure", "get_names", "get_names_flat"), NO_ARRAY
    ),
    "numpy.random": {
        **dict.fromkeys(("bit_generator", "get_bit_generator", "set_bit_generator"), GENERATOR),
        **dict.fromkeys(("bytes", "get_state", "mtrand", "seed", "set_state", "test"), GENERATOR),
    },
    "numpy.polynomial": {"set_default_printstyle": STATE, "test": STATE},
    "numpy.char": {
        **dict.fromkeys(("array", "asarray", "chararray"), HOST_CLASS),
    },
}
"""Name → why NumPy's own object is right in our namespace."""

PASSED_THROUGH: dict[str, str] = {
    "numpy.core": "deprecated by NumPy, kept for old code",
    "numpy.ctypeslib": "works on host memory: `with x.host() as h:` lends it",
    "numpy.dtypes": NO_ARRAY,
    "numpy.exceptions": NO_ARRAY,
    "numpy.f2py": NO_ARRAY,
    "numpy.lib.format": "files of the host; `load` and `save` are what takes FPGAArrays",
    "numpy.lib.introspect": STATE,
    "numpy.ma": "masked arrays are ndarray subclasses; FPGAArrays become their data by a snapshot",
    "numpy.polynomial.polyutils": "helpers of the series, which are hosted",
    "numpy.rec": HOST_CLASS,
    "numpy.typing": NO_ARRAY,
}
"""Modules whose names are NumPy's own, and why."""
