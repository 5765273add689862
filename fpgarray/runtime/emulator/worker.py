"""The worker process: runs the kernels of images that are not ours, and may die of it.

Started as a script (not as a module: that would import numpy and the package for nothing), so it
must not import anything but the standard library. Owns its threads, one per compute unit; knows
no addresses, no buffers and no XML: the parent has translated and checked everything.

Speaks over a SOCK_SEQPACKET pair, one message per packet (see `protocol` below). Ends at once when
the parent closes its end or dies.
"""

from __future__ import annotations

import ctypes
import json
import mmap
import os
import queue
import resource
import signal
import socket
import struct
import sys
import threading

# -- protocol -----------------------------------------------------------------------------------
# parent -> worker: START, then one ARGUMENT per kernel argument
START = struct.Struct("<QHH")  # number of the launch, compute unit, count of arguments
ARGUMENT = struct.Struct("<cbxxxxxx8s")  # struct code or b"P", region, value or offset (u64)
# worker -> parent: READY once, or FAILED and a text; then DONE for every launch
READY, FAILED, DONE = b"R", b"F", b"D"
FINISHED = struct.Struct("<cQ")
MAX_PACKET = 64 << 10

PR_SET_PDEATHSIG = 1
MAP_NORESERVE = 0x4000
_CTYPES = {
    b"?": ctypes.c_bool, b"f": ctypes.c_float, b"d": ctypes.c_double,
    b"b": ctypes.c_int8, b"h": ctypes.c_int16, b"i": ctypes.c_int32, b"q": ctypes.c_int64,
    b"B": ctypes.c_uint8, b"H": ctypes.c_uint16, b"I": ctypes.c_uint32, b"Q": ctypes.c_uint64,
}  # fmt: skip


# -- code: also what the device uses for images that run in its own process ---------------------


def clone_of(library: ctypes.CDLL, kernel: str, forced: int | None) -> str:
    """The symbol to call for `kernel`: `_v4`, `_v3` or plain, the best that the CPU has.

    `forced` is an x86-64 level (2, 3, 4); OSError if this CPU does not have it.
    """
    level = 2
    if hasattr(library, "fpgarray_cpu_level"):
        # int fpgarray_cpu_level(void);
        level = library.fpgarray_cpu_level()
    if forced is not None:
        if forced > level:
            raise OSError(f"clone level {forced} was demanded, this CPU has level {level}")
        level = forced
    for suffix, needed in (("_v4", 4), ("_v3", 3)):
        if level >= needed and hasattr(library, kernel + suffix):
            return kernel + suffix
    return kernel


def function_of(library: ctypes.CDLL, kernel: str, forced: int | None) -> ctypes._CFuncPtr:
    """`extern "C" void kernel(...)` of `library`, its best clone."""
    function = getattr(library, clone_of(library, kernel, forced))
    function.restype = None
    return function


# -- the process --------------------------------------------------------------------------------


def _open_copy(data: bytes) -> ctypes.CDLL:
    """A copy with static data of its own: the linker tells libraries apart by file."""
    fd = os.memfd_create("fpgarray-unit", 0)
    with open(fd, "wb", closefd=False) as file:
        file.write(data)
    # stays open: the linker also tells libraries apart by name, and this is its name
    return ctypes.CDLL(f"/proc/self/fd/{fd}", mode=os.RTLD_NOW | os.RTLD_LOCAL)


def _map(fd: int) -> int:
    """Address of the whole shared file."""
    nbytes = os.fstat(fd).st_size
    mapping = mmap.mmap(fd, nbytes, flags=mmap.MAP_SHARED | MAP_NORESERVE)
    _maps.append(mapping)
    return ctypes.addressof((ctypes.c_char * 1).from_buffer(mapping))


_maps: list[mmap.mmap] = []


def _run_unit(function, work: queue.SimpleQueue, door: socket.socket) -> None:
    while True:
        number, arguments = work.get()
        function(*arguments)
        door.send(FINISHED.pack(DONE, number))


def _decode(packet: bytes, count: int, bases: list[int]) -> tuple:
    arguments = []
    for index in range(count):
        code, region, value = ARGUMENT.unpack_from(packet, START.size + index * ARGUMENT.size)
        if code == b"P":
            arguments.append(ctypes.c_void_p(bases[region] + int.from_bytes(value, "little")))
        else:
            ctype = _CTYPES[code]
            arguments.append(ctype.from_buffer_copy(value))
    return tuple(arguments)


def _start_units(setup: dict, door: socket.socket) -> list[queue.SimpleQueue]:
    with open(setup["bitstream"], "rb", closefd=False) as file:
        file.seek(0)
        data = file.read()
    queues = []
    for kernel in setup["units"]:
        function = function_of(_open_copy(data), kernel, setup["clone"])
        work: queue.SimpleQueue = queue.SimpleQueue()
        threading.Thread(target=_run_unit, args=(function, work, door), daemon=True).start()
        queues.append(work)
    return queues


def _die_with_parent(parent: int) -> None:
    # int prctl(int option, unsigned long arg2, ...);
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL))
    if os.getppid() != parent:
        os._exit(0)


def main(setup: dict) -> None:
    """Serve until the door closes. `setup`: numbers of inherited descriptors, and the units."""
    _die_with_parent(setup["parent"])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # a core file would hold all device memory
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    door = socket.socket(fileno=setup["door"])
    try:
        bases = [_map(fd) for fd in setup["regions"]]
        queues = _start_units(setup, door)
    except (OSError, AttributeError) as fault:
        door.send(FAILED + str(fault).encode()[: MAX_PACKET - 1])
        return
    door.send(READY)
    while packet := door.recv(MAX_PACKET):
        number, unit, count = START.unpack_from(packet)
        queues[unit].put((number, _decode(packet, count, bases)))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
    os._exit(0)
