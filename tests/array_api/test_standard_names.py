"""Every name and signature of the standard."""

from __future__ import annotations

import pytest
from standard import ALL, FUNCTIONS, find, parameters, strict, xp

import fpgarray as fa

BEYOND = {"std": {"ddof"}, "var": {"ddof"}}
"""Optional parameters that the standard does not have, and allows to have."""


class TestNames:
    @pytest.mark.parametrize(("part", "name"), ALL)
    def test_everything_of_the_standard_is_there(self, part: str, name: str) -> None:
        ours = find(xp, part, name)
        assert name in (getattr(xp, part) if part else xp).__all__ or part
        theirs = find(strict, part, name)
        if isinstance(theirs, (float, str)):
            assert ours == theirs or (ours != ours and theirs != theirs)
        if hasattr(theirs, "_np_dtype"):
            assert ours == theirs._np_dtype

    @pytest.mark.parametrize(("part", "name"), FUNCTIONS)
    def test_signatures_are_those_of_the_standard(self, part: str, name: str) -> None:
        ours, theirs = find(xp, part, name), find(strict, part, name)
        of_the_standard = [each for each in parameters(ours) if each[0] not in BEYOND.get(name, ())]
        assert of_the_standard == parameters(theirs)
        assert ours.__name__ == name
        assert ours.__doc__
        assert ours.__module__.startswith("fpgarray.array_api")

    def test_so_are_those_of_the_inspection_functions(self) -> None:
        ours, theirs = xp.__array_namespace_info__(), strict.__array_namespace_info__()
        for name in ("capabilities", "default_device", "default_dtypes", "dtypes", "devices"):
            assert parameters(getattr(ours, name)) == parameters(getattr(theirs, name))

    def test_arrays_have_the_methods_and_attributes(self) -> None:
        theirs = type(strict.asarray(1.0))
        private = {"__buffer__", "__module__", "__new__", "__slots__", "__annotations__"}
        wanted = {
            name
            for name, each in vars(theirs).items()
            if callable(each) or isinstance(each, property)
            if not name.startswith("_") or name.startswith("__")
        } - private
        assert {"__matmul__", "__imatmul__", "__dlpack__", "to_device", "mT", "device"} <= wanted
        assert wanted - set(dir(fa.FPGAArray)) == set()

    def test_the_edition(self) -> None:
        assert xp.__array_api_version__ == strict.__array_api_version__ == "2025.12"
