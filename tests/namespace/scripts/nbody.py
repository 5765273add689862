import numpy as np

rng = np.random.RandomState(5)
n = 24
position = rng.randn(n, 3)
velocity = np.zeros((n, 3))
mass = np.full(n, 1.0 / n)
for _ in range(20):
    offset = position[None, :, :] - position[:, None, :]
    distance2 = np.sum(offset**2, axis=-1) + 0.05**2
    np.fill_diagonal(distance2, 1.0)
    pull = offset * (mass[None, :] / distance2**1.5)[..., None]
    velocity += 0.01 * pull.sum(axis=1)
    position += 0.01 * velocity
kinetic = 0.5 * np.sum(mass * np.einsum("ij,ij->i", velocity, velocity))
momentum = np.dot(mass, velocity)
assert np.allclose(momentum, 0, atol=1e-12)
assert momentum.shape == (3,)
result = {"position": position, "velocity": velocity, "kinetic": kinetic}
