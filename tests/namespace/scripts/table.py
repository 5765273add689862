import io

import numpy as np

text = io.StringIO("day,open,close\n1,10.5,11.0\n2,11.0,10.25\n3,10.25,12.5\n")
days, opened, closed = np.loadtxt(text, delimiter=",", skiprows=1, unpack=True)
change = np.log(closed / opened)
file = io.BytesIO()
np.savez(file, change=change, days=days)
file.seek(0)
with np.load(file) as archive:
    again = archive["change"]
buffer = io.BytesIO()
np.save(buffer, opened)
buffer.seek(0)
opened = np.load(buffer)
written = io.StringIO()
np.savetxt(written, np.column_stack([days, change]), fmt="%.4f")
assert written.getvalue().splitlines()[0] == "1.0000 0.0465", written.getvalue()
f = np.vectorize(lambda a, b: a if a > b else -b)
pieces = np.split(np.arange(12).reshape(4, 3), 2)
record = np.zeros(3, dtype=[("day", "i4"), ("gain", "f8")])
record["day"] = days
record["gain"][1:] = change[1:]
with np.errstate(divide="ignore"):
    infinite = np.array([1.0, -1.0]) / 0
result = {
    "again": again,
    "opened": opened,
    "larger": f(opened, closed),
    "pieces": pieces,
    "gain": record["gain"],
    "infinite": infinite,
    "names": np.char.upper(np.array(["ab", "c"])),
    "dates": np.arange("2024-01-30", "2024-02-03", dtype="datetime64[D]"),
    "text": str(np.round(change, 3)),
    "piecewise": np.piecewise(opened, [opened < 10.6, opened >= 10.6], [0.0, lambda x: x * 2]),
}
