import numpy as np

u = np.zeros((64, 64))
u[0, :] = 100.0
X, Y = np.mgrid[0:64, 0:64]
u[(X - 32) ** 2 + (Y - 32) ** 2 < 64] = 50.0
v = np.empty_like(u)
for _ in range(50):
    v[:] = u
    v[1:-1, 1:-1] += 0.2 * (
        u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4 * u[1:-1, 1:-1]
    )
    u, v = v, u
gy, gx = np.gradient(u)
result = {
    "u": u,
    "flux": np.hypot(gx, gy),
    "profile": u.mean(axis=1),
    "hot": np.argwhere(u > 60),
    "total": u.sum(),
    "close": np.isclose(u, v).all(),
}
