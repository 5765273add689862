import numpy as np

rng = np.random.default_rng(42)
steps = rng.choice([-1, 1], size=(200, 300))
walks = np.cumsum(steps, axis=1)
distance = np.abs(walks)
first = np.argmax(distance >= 10, axis=1)
reached = (distance >= 10).any(axis=1)
r = np.r_[0, walks[0, :5], 9]
result = {
    "ends": walks[:, -1],
    "first": first[reached],
    "mean": first[reached].mean(),
    "rms": np.sqrt((walks.astype(float) ** 2).mean(axis=0)),
    "extremes": np.array([walks.min(), walks.max()]),
    "r": r,
    "sorted": np.sort(walks[:, -1])[::-1],
    "median": np.median(walks, axis=0),
}
