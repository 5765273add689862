import numpy as np

rng = np.random.default_rng(seed=3)
t = np.linspace(0, 10, 200)
noisy = 3.0 * t - 2.0 + rng.normal(scale=0.1, size=t.shape)
design = np.column_stack([t, np.ones_like(t)])
coefficients, residuals, rank, singular = np.linalg.lstsq(design, noisy, rcond=None)
by_polyfit = np.polyfit(t, noisy, 1)
predicted = np.polyval(by_polyfit, t)
r2 = 1 - np.sum((noisy - predicted) ** 2) / np.sum((noisy - noisy.mean()) ** 2)
correlation = np.corrcoef(t, noisy)
covariance = np.cov(np.vstack((t, noisy)))
assert isinstance(coefficients, np.ndarray)
assert rank == 2
result = {
    "coefficients": coefficients,
    "residuals": residuals,
    "singular": singular,
    "polyfit": by_polyfit,
    "r2": r2,
    "correlation": correlation,
    "covariance": covariance,
    "percentiles": np.percentile(noisy, [5, 50, 95]),
}
