import numpy as np

rng = np.random.default_rng(7)
n = 60
A = rng.random((n, n)) + n * np.eye(n)
b = A @ np.ones(n)
D = np.diag(A)
R = A - np.diagflat(D)
x = np.zeros(n)
for _ in range(100):
    new = (b - R @ x) / D
    if np.linalg.norm(new - x, np.inf) < 1e-12:
        break
    x = new
residual = np.abs(A @ x - b).max()
result = {"x": x, "converged": residual < 1e-9, "eigenvalues": np.linalg.eigvalsh(A + A.T)}
