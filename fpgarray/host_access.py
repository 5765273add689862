"""What arrays ask of memory: new storages, snapshots, host writes, host scopes, forced copies.

Every function takes the device's lock and first settles what is recorded or under way on the bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fpgarray import findings
from fpgarray.coherence import State
from fpgarray.device import Device, device
from fpgarray.errors import DeviceLostError
from fpgarray.executor import attach, run
from fpgarray.flights import account, hear, hull, settle
from fpgarray.frames import at_caller
from fpgarray.layout import Layout, contiguous, layout, reserved
from fpgarray.ranges import Range
from fpgarray.storage import Handle, HostScope, Memory, Storage


def new_storage(device: Device, nbytes: int) -> tuple[Storage, Handle]:
    """A storage valid nowhere, and the handle that keeps it alive."""
    handle = Handle()
    return Storage(device, nbytes, handle), handle


def adopt(
    device: Device, array: np.ndarray, view: Layout | None = None
) -> tuple[Storage, Handle, Layout]:
    """A storage with a private copy of `array`, valid on the host, laid out as `view`.

    By default in `array`'s own order of axes.
    """
    if view is None and array.flags.c_contiguous:
        view = contiguous(array.shape, array.dtype)
    elif view is None:
        view = Layout(0, array.shape, array.strides, array.dtype).like(array.dtype)
    storage, handle = new_storage(device, view.nbytes)
    if view.is_contiguous and 0 < view.size <= device.small and nameable(view.dtype):
        storage.small, storage.view = np.empty(view.shape, view.dtype), view
        storage.small[...] = array
        return storage, handle, view
    objects = view.dtype if view.dtype.hasobject else None
    memory = storage.memory = Memory(device, view.nbytes, objects)
    memory.host_block().view(view)[...] = array
    memory.host_written(view)
    return storage, handle, view


def settle_for_host(storage: Storage, view: Layout, write: bool) -> Memory:
    """Run and wait until the host may read (or write) these bytes. Under the device's lock."""
    device = storage.device
    pending = max(storage.written, storage.read) if write else storage.written
    if device.tape.pending(pending):
        run(device)
    if device.in_flight:
        settle(device, storage, [hull(view)], writes_only=not write)
    if device.retired:
        hear(device)
    if device.findings:
        findings.tell(device.findings)
    return storage.require()


def _pull(memory: Memory, ranges: Sequence[Range]) -> None:
    """Make bytes valid on the host for an array's reader."""
    try:
        memory.pull(ranges)
    except DeviceLostError as error:
        account(memory.device, error)
        raise


def nameable(dtype: np.dtype) -> bool:
    """Whether a storage may hold elements as `small`: of a dtype that buffers can name."""
    return dtype.kind in "biufc" and dtype.isnative


def _shown(values: np.ndarray) -> memoryview:
    """The lease of small bytes that are handed out: they are not written from now on."""
    values.setflags(write=False)
    return memoryview(values)


def snapshot(storage: Storage, view: Layout) -> np.ndarray:
    """A read-only ndarray of the present values that never changes (a copy for objects)."""
    with storage.device.lock:
        if storage.small is not None and view is storage.view:
            return np.asarray(_shown(storage.small))
        memory = settle_for_host(storage, view, write=False)
        _pull(memory, view.ranges)
        block = memory.host_block()
        if memory.objects is not None or memory.scopes:
            # A block that is lent for writing must not be leased, or it would have to move.
            copy = block.view(view).copy(order="K")
            copy.flags.writeable = memory.objects is not None
            return copy
        return block.snapshot(view)


def host_bytes(storage: Storage, view: Layout) -> np.ndarray | None:
    """Where `view` lies in host memory, with valid values or not; None if nowhere.

    For questions about addresses only. Objects lie in memory that is never shown.
    """
    with storage.device.lock:
        small, memory = storage.small, storage.memory
        if small is not None:
            return np.ndarray(view.shape, view.dtype, small, view.offset, view.strides)
        if memory is None or memory.block is None or memory.objects is not None:
            return None
        return memory.block.view(view)


def elements(storage: Storage, view: Layout) -> Iterator[np.ndarray]:
    """The elements along the first axis as read-only arrays, each as it is when it is asked for.

    One snapshot serves until the bytes change: a lease makes every change of host bytes a change of
    block, and what a kernel writes is no longer valid on the host.
    """
    block = values = None
    for index in range(view.shape[0]):
        memory = storage.memory
        if (
            memory is None
            or memory.block is not block
            or memory.scopes
            or storage.device.tape.pending(storage.written)
            or not memory.map.holds(HOST, view.ranges)
        ):
            values = snapshot(storage, view)
            block = storage.require().block
        assert values is not None
        yield values[index, ...]


def host_write(storage: Storage, view: Layout, value: Any) -> None:
    """Overwrite `view` on the host with `value` (broadcast, cast as item assignment does)."""
    with storage.device.lock:
        memory = settle_for_host(storage, view, write=True)
        if not view.is_exact:
            _pull(memory, view.ranges)
        if not (
            type(value) is np.ndarray and value.dtype == view.dtype and value.shape == view.shape
        ):
            # Casts and broadcasts may raise in the middle: nothing is written before they are done.
            aside = np.empty(view.shape, view.dtype)
            at_caller(aside.__setitem__, (..., value), {})
            value = aside
        target = memory.host_target(view)
        if target.flags.writeable:
            target[...] = value
        else:
            memory.unleased().scatter(view, value)
        memory.host_written(view)


def move_pinned(storage: Storage, view: Layout, to_device: bool) -> None:
    """Force `view` valid on one side (`sync_to_device` and its sisters)."""
    with storage.device.lock:
        memory = settle_for_host(storage, view, write=to_device)
        if to_device:
            try:
                storage.device.require_image()
                memory.push(view.ranges)
            except DeviceLostError as error:
                account(memory.device, error)
                raise
        else:
            _pull(memory, view.ranges)


def interface(storage: Storage, view: Layout) -> dict[str, Any]:
    """An array interface whose `data` exports the block's bytes and holds the lease."""
    with storage.device.lock:
        if storage.small is not None and view is storage.view:
            return {**view.interface, "data": _shown(storage.small)}
        memory = settle_for_host(storage, view, write=False)
        _pull(memory, view.ranges)
        if memory.scopes:
            copy = memory.host_block().view(view).copy(order="C")
            return {**copy.__array_interface__, "data": memoryview(copy.reshape(-1).view(np.uint8))}
        block = memory.host_block()
        whole = layout(0, (memory.nbytes,), (1,), np.dtype(np.uint8))
        return {
            "version": 3,
            "shape": view.shape,
            "strides": view.strides,
            "typestr": view.dtype.str,
            "descr": view.dtype.descr,
            "data": memoryview(block.snapshot(whole)),
            "offset": view.offset,
        }


def open_scope(storage: Storage, view: Layout, location: str) -> tuple[OpenScope, np.ndarray]:
    """Enter a writable host scope: run, wait, make the bytes valid, and lend them."""
    with storage.device.lock:
        memory = settle_for_host(storage, view, write=True)
        if memory.objects is not None:
            raise TypeError("arrays of objects have no host() scope; assign items instead")
        _pull(memory, view.ranges)
        array = memory.unleased().writable(view)
        scope = HostScope(view.ranges, location)
        memory.check_scopes(view.ranges)
        memory.scopes.append(scope)
        # From here on the host may write: the device's copy is no source for these bytes.
        memory.host_written(view)
        storage.device.scopes += 1
        storage.device.tape.limit = 0
        return OpenScope(scope, array), array


def close_scope(storage: Storage, view: Layout, opened: OpenScope) -> None:
    """Leave it: the bytes are the host's, and the lent array becomes read-only.

    If anybody still holds it, or a view or buffer of it, that memory is theirs from now on: the
    storage moves to other memory, so that late writes reach nothing.
    """
    with storage.device.lock:
        memory = storage.require()
        memory.scopes.remove(opened.scope)
        storage.device.scopes -= 1
        memory.host_written(view)
        opened.array.flags.writeable = False
        if sys.getrefcount(opened.array) > _OUR_REFERENCES:
            memory.escaped = True
        if memory.escaped and not memory.scopes:
            # Not while another scope has lent this memory: its writes would be left behind.
            memory.escaped = False
            memory.move()


@dataclass(slots=True)
class OpenScope:
    """An open writable scope: its ranges and the lent ndarray, which its views hold as base."""

    scope: HostScope
    array: np.ndarray


_OUR_REFERENCES = 2
"""`OpenScope.array` and getrefcount's own argument."""
HOST = State.HOST


def default_device() -> Device:
    """The first device."""
    return device_of(None)


def device_of(which: Any) -> Device:
    """A device by index, itself or None for the first, with its tape attached."""
    found = device(which)
    attach(found)
    return found


def common_base(nbytes: int) -> Any:
    """Untouched memory to lay two layouts of one storage over, to ask NumPy about them."""
    return np.broadcast_to(np.uint8(0), 0) if nbytes == 0 else reserved(nbytes)
