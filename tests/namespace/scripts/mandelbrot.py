import numpy as np

x = np.linspace(-2.0, 0.5, 120)
y = np.linspace(-1.25, 1.25, 100)
cr, ci = np.meshgrid(x, y)
zr, zi = np.zeros_like(cr), np.zeros_like(ci)
steps = np.zeros(cr.shape, dtype=int)
for _ in range(30):
    zr, zi = zr * zr - zi * zi + cr, 2 * zr * zi + ci
    inside = zr * zr + zi * zi < 4
    steps += inside
    zr = np.where(inside, zr, 2.0)
    zi = np.where(inside, zi, 0.0)
c = cr + 1j * ci
histogram, edges = np.histogram(steps, bins=np.arange(32))
result = {"steps": steps, "histogram": histogram, "edges": edges, "c": c, "area": inside.mean()}
