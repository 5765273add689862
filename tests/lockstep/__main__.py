"""`python tests/lockstep 5000`: that many random programs with NumPy and fpgarray, side by side.

Prints progress, and each mismatch as the smallest script that shows it. Exit code 1 if there was one.
"""

from __future__ import annotations

import argparse
import sys
import time

from shrink import complaint


def main() -> int:
    parser = argparse.ArgumentParser(prog="python tests/lockstep", description=__doc__)
    parser.add_argument("programs", type=int, nargs="?", default=5000, help="how many (5000)")
    parser.add_argument("--first", type=int, default=0, help="the first program's number")
    parser.add_argument("--most", type=int, default=5, help="stop after so many mismatches (5)")
    parser.add_argument("--brief", action="store_true", help="statements only, no script")
    options = parser.parse_args()
    started, found = time.monotonic(), 0
    for done, seed in enumerate(range(options.first, options.first + options.programs), 1):
        if (mismatch := complaint(seed)) is not None:
            found += 1
            print(mismatch.split("\n\nimport ")[0] if options.brief else mismatch, flush=True)
            if found >= options.most:
                break
        if done % 100 == 0 or done == options.programs:
            seconds = time.monotonic() - started
            print(f"{done} programs, {found} mismatches, {seconds:.0f} s", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
