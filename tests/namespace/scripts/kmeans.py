import numpy as np

np.random.seed(12)
points = np.concatenate(
    [np.random.randn(150, 2) * 0.3 + center for center in [(0, 0), (3, 1), (1, 4)]]
)
np.random.shuffle(points)
centers = points[np.random.choice(len(points), 3, replace=False)].copy()
for _ in range(10):
    distances = ((points[:, np.newaxis, :] - centers[None]) ** 2).sum(axis=2)
    labels = np.argmin(distances, axis=1)
    for k in range(3):
        if np.any(labels == k):
            centers[k] = points[labels == k].mean(axis=0)
order = np.lexsort(centers.T)
result = {
    "centers": centers[order],
    "counts": np.bincount(labels, minlength=3),
    "inertia": np.min(distances, axis=1).sum(),
    "unique": np.unique(labels),
}
